/* Inside DingTalk: ask for a one-time code and hand it to the server. */
(function () {
    "use strict";

    var account = document.getElementById("o_hr_performance_account").dataset;
    var form = document.getElementById("o_hr_performance_enter");
    var wait = document.getElementById("o_hr_performance_wait");

    function fail() {
        wait.textContent = account.problem;
    }

    if (!window.dd || !window.dd.requestAuthCode) {
        fail();
        return;
    }
    window.dd.requestAuthCode({
        corpId: account.corp,
        clientId: account.client,
        success: function (answer) {
            form.elements.code.value = answer.code;
            form.submit();
        },
        fail: fail,
    });
})();
