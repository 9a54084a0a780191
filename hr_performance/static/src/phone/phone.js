/* @odoo-module ignore */
/*
 * What the pages of the phone do better with scripts; all of them work without. Written for old web
 * views: functions and var only, nothing is loaded.
 */
(function () {
    "use strict";
    document.documentElement.className += " js";

    function each(selector, root, work) {
        Array.prototype.forEach.call(root.querySelectorAll(selector), work);
    }

    // A second tap while the first is on its way sends nothing.
    document.addEventListener("submit", function (event) {
        var form = event.target;
        if (form.getAttribute("data-sent")) {
            event.preventDefault();
            return;
        }
        form.setAttribute("data-sent", "1");
        form.setAttribute("aria-busy", "true");
        // after the value of the pressed button is taken
        setTimeout(function () {
            each("button", form, function (button) {
                button.disabled = true;
            });
        }, 0);
    });
    // A page that comes back from the history can be sent again.
    window.addEventListener("pageshow", function (event) {
        if (event.persisted) {
            each("form[data-sent]", document, function (form) {
                form.removeAttribute("data-sent");
                form.removeAttribute("aria-busy");
                each("button", form, function (button) {
                    button.disabled = false;
                });
            });
        }
    });

    // Text fields grow with what is typed.
    function grow(field) {
        field.style.height = "auto";
        field.style.height = field.scrollHeight + 2 + "px";
    }
    document.addEventListener("input", function (event) {
        if (event.target.tagName === "TEXTAREA") {
            grow(event.target);
        }
    });

    // Chosen pictures are shown small, other files by their names.
    function show(list, file) {
        var item = document.createElement("li");
        var picture;
        if (/^image\//.test(file.type) && window.URL && URL.createObjectURL) {
            picture = document.createElement("img");
            picture.alt = "";
            picture.src = URL.createObjectURL(file);
            item.appendChild(picture);
        }
        item.appendChild(document.createTextNode(file.name));
        list.appendChild(item);
    }
    document.addEventListener("change", function (event) {
        var field = event.target;
        if (field.type !== "file") {
            return;
        }
        var box = field.parentNode.parentNode;
        var list = box.querySelector(".files-chosen");
        list.textContent = "";
        each("input[type=file]", box, function (input) {
            Array.prototype.forEach.call(input.files || [], function (file) {
                show(list, file);
            });
        });
    });
})();
