"use strict";

// The page that makes tokens: presets fill the form, buttons copy what was made.
{
    const presets = document.getElementById("presets");
    presets?.addEventListener("click", ({ target }) => {
        if (target.dataset.days) {
            const actions = target.dataset.actions.split(",");
            document.getElementById("id_days").value = target.dataset.days;
            for (const box of document.querySelectorAll("input[name=actions]")) {
                box.checked = actions.includes(box.value);
            }
        }
    });
    presets?.removeAttribute("hidden");

    for (const button of document.querySelectorAll("[data-copies]")) {
        const text = document.getElementById(button.dataset.copies);
        button.hidden = false;
        button.addEventListener("click", async () => {
            text.select();
            try {
                await navigator.clipboard.writeText(text.value);
            } catch {
                document.execCommand("copy"); // Over plain HTTP there is no clipboard.
            }
            button.textContent = "Copied";
        });
    }
}
