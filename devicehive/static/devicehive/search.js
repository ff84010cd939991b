"use strict";

// The search of the documents: it leaves the actions whose names have all the words or, if there
// is none, those whose descriptions do. Keys: / to search, arrows to go through what is found,
// Escape to see everything again.
{
    const form = document.getElementById("search");
    const wanted = document.getElementById("wanted");
    const found = document.getElementById("found");
    const groups = document.querySelectorAll(".group");
    const introduction = document.querySelector(".introduction");

    const entries = Array.from(document.querySelectorAll("nav li"), (item) => {
        const link = item.querySelector("a");
        const section = document.getElementById(link.hash.slice(1)).closest("section");
        const name = section.querySelector("h3").textContent.toLowerCase();
        return { item, link, section, name, text: section.textContent.toLowerCase() };
    });

    function matches(words) {
        const having = (part) => entries.filter((entry) => words.every((word) => entry[part].includes(word)));
        const named = having("name");
        return named.length > 0 ? named : having("text");
    }

    function search() {
        const words = wanted.value.toLowerCase().split(/\s+/).filter(Boolean);
        const shown = new Set(matches(words));
        for (const entry of entries) {
            entry.item.hidden = entry.section.hidden = !shown.has(entry);
        }
        for (const group of groups) {
            group.hidden = !group.querySelector("li:not([hidden]), section:not([hidden])");
        }
        introduction.hidden = words.length > 0;
        found.textContent = words.length > 0 ? `${shown.size} of ${entries.length}` : "";
    }

    function clear() {
        wanted.value = "";
        search();
    }

    function move(step) {
        const links = entries.filter((entry) => !entry.item.hidden).map((entry) => entry.link);
        const stops = [wanted, ...links];
        const next = stops[stops.indexOf(document.activeElement) + step];
        if (next) {
            next.focus();
        }
    }

    const KEYS = {
        ArrowDown: () => move(1),
        ArrowUp: () => move(-1),
        Escape: () => {
            clear();
            wanted.focus();
        },
    };

    wanted.addEventListener("input", search);
    form.addEventListener("submit", (event) => {
        event.preventDefault();
        const first = entries.find((entry) => !entry.item.hidden);
        if (first) {
            first.link.click();
        }
    });
    form.parentElement.addEventListener("keydown", (event) => {
        if (event.key in KEYS) {
            event.preventDefault();
            KEYS[event.key]();
        }
    });
    document.addEventListener("keydown", (event) => {
        if (event.key === "/" && document.activeElement !== wanted) {
            event.preventDefault();
            wanted.focus();
        }
    });
    // A link in a text, or the browser's way back, may lead to what the search hides.
    window.addEventListener("hashchange", () => {
        const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
        if (target && target.closest("[hidden]")) {
            clear();
            target.scrollIntoView();
        }
    });
    form.hidden = false;
    search(); // A browser that comes back to the page may have kept what was typed.
}
