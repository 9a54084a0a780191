/* @odoo-module ignore */
/*
 * An open leaderboard reads itself again, gently: every 20 seconds while somebody looks at it, and
 * only when its period has changed. Written for old web views, as phone.js.
 */
(function () {
    "use strict";
    var EVERY = 20000;
    var board = document.querySelector("[data-board]");
    var form = document.querySelector("[data-board-choice]");

    if (form) {
        form.addEventListener("change", function (event) {
            var group = form.querySelector("[name=group]");
            // the groups of another period may be others
            if (event.target.name === "period" && group) {
                group.disabled = true;
            }
            form.submit();
        });
    }
    if (!board) {
        return;
    }

    function read() {
        var call = new XMLHttpRequest();
        call.open("GET", board.getAttribute("data-path"));
        call.setRequestHeader("X-Board-Stamp", board.getAttribute("data-stamp"));
        call.onload = function () {
            // 204: nothing new; anything else, such as an ended session, leaves what is shown
            if (call.status === 200 && call.getResponseHeader("X-Board-Stamp")) {
                board.innerHTML = call.responseText;
                board.setAttribute("data-stamp", call.getResponseHeader("X-Board-Stamp"));
            }
        };
        call.send();
    }
    setInterval(function () {
        if (!document.hidden) {
            read();
        }
    }, EVERY);
    document.addEventListener("visibilitychange", function () {
        if (!document.hidden) {
            read();
        }
    });
})();
