// The live part of a device's page. It speaks the product's own WebSocket protocol: with a token
// that it fetches for each connection it subscribes to the device, then reads the latest
// messages, so that between the two nothing is missed, and sends commands.
//
// What devices send is shown by textContent only, never as HTML.

import { ageOf, momentOf, timeAndAgeOf, timeOf } from "./moments.js";
import { ProtocolSocket } from "./socket.js";

const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 30000;
const SAVES_MS = 1000; // How often the device's saves are looked for.
const DEVICE_MS = 2000; // How often it is asked whether the device is there.
const AGES_MS = 5000; // How often "2 min ago" is written anew.
const STATES = { connected: "connected", disconnected: "not connected", never: "never heard of" };
const SAVES = ["$device-add", "$device-update"];

const live = document.getElementById("live");
const { device, path, tokenUrl } = live.dataset;
const shown = Number(live.dataset.shown);
const longest = Number(live.dataset.longest);
const state = live.querySelector(".state");
const form = live.querySelector("form");
const saved = live.querySelector(".saved");
const there = live.querySelector(".device");
const stale = document.getElementById("stale");
const outcome = form.querySelector("output");
const tables = {
    command: live.querySelector("table.command"),
    notification: live.querySelector("table.notification"),
};

let socket = null;
let retryMs = FIRST_RETRY_MS;
let looking = false; // Whether saves are being looked for.
let sent = null; // The id of the command that was sent last.

function textOf(value) {
    const text = typeof value === "object" ? JSON.stringify(value) : value;
    return text.length > longest ? text.slice(0, longest) + "…" : text;
}

// --- Connection --------------------------------------------------------------------

async function connect() {
    say("connecting", "Connecting…");
    try {
        const token = await freshToken();
        await open();
        await subscribe(token);
        retryMs = FIRST_RETRY_MS;
        say("connected", "This page is live");
        lookForDevice();
    } catch (error) {
        lost(error.message);
    }
}

async function freshToken() {
    const answer = await fetch(tokenUrl, { cache: "no-store" });
    if (answer.redirected) {
        throw new Error("you are logged out; reload the page");
    }
    if (!answer.ok) {
        throw new Error(`the server answers ${answer.status}`);
    }
    return (await answer.json()).token;
}

function open() {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const url = `${scheme}//${location.host}${path}`;
    socket = new ProtocolSocket(url, { onPush: show, onClose: lost });
    return socket.open();
}

function lost(reason) {
    socket?.close(reason);
    socket = null;
    if (state.dataset.state !== "disconnected") {
        say("disconnected", `Disconnected: ${reason}. Trying again in ${retryMs / 1000} s.`);
        setTimeout(connect, retryMs);
        retryMs = Math.min(2 * retryMs, LAST_RETRY_MS);
    }
}

function connection() {
    if (!socket) {
        throw new Error("not connected");
    }
    return socket;
}

function say(name, text) {
    state.dataset.state = name;
    state.textContent = text;
}

// --- What is asked of the server -----------------------------------------------------

async function subscribe(token) {
    await connection().ask("authenticate", { token });
    await connection().ask("notification/subscribe", { deviceId: device });
    await connection().ask("command/subscribe", { deviceId: device });
    await connection().ask("command/subscribe", { deviceId: device, returnUpdatedCommands: true });
    await readLatest("command");
    await readLatest("notification");
}

async function readLatest(kind) {
    const latest = { deviceId: device, take: shown, sortField: "timestamp", sortOrder: "DESC" };
    const answer = await connection().ask(`${kind}/list`, latest);
    answer[`${kind}s`].reverse().forEach((message) => show(kind, message));
}

// Saves are pushed to those alone who listen to every device. So the page reads them; and where
// the token does not reach, because the device was moved, another one will.
async function lookForSaves() {
    if (looking || document.hidden || state.dataset.state !== "connected") {
        return;
    }
    looking = true;
    try {
        await readLatest("notification");
    } catch {
        lost("the device was moved or deleted");
    } finally {
        looking = false;
    }
}

// --- The device itself ---------------------------------------------------------------

async function lookForDevice() {
    if (document.hidden || state.dataset.state !== "connected") {
        return;
    }
    try {
        showDevice((await connection().ask("device/presence", { deviceId: device })).presence);
    } catch {
        // Lost meanwhile: the state says why, and the next connection looks again.
    }
}

function showDevice({ connected, silent, since, lastHeard, address, userId }) {
    const dot = there.querySelector(".presence");
    const name = connected ? "connected" : lastHeard ? "disconnected" : "never";
    dot.className = `presence ${name}`;
    dot.textContent = silent ? "silent" : STATES[name];
    there.querySelector(".since").textContent = since ? ` since ${timeOf(momentOf(since))}` : "";
    there.querySelector(".heard").textContent = lastHeard ? `, last heard of ${ageOf(momentOf(lastHeard))}` : "";
    there.querySelector(".from").textContent = address ? ` from ${address}` : "";
    const user = there.querySelector(".user");
    const at = there.querySelector(".at"); // As the page was opened: only while it is that connection.
    at.hidden = !(connected && since.startsWith(at.dataset.since));
    user.hidden = user.dataset.user !== JSON.stringify(userId);
}

// --- Tables ------------------------------------------------------------------------

// Inserts a message, the newest first, or updates its row.
function show(kind, message) {
    const table = tables[kind];
    const rows = table.tBodies[0];
    const id = JSON.stringify(message.id);
    const updated = message.lastUpdated ?? message.timestamp;
    let row = rowOf(kind, id);
    if (row && row.dataset.updated > updated) {
        return; // A list that was read before the update that came before it.
    }
    if (!row) {
        const older = [...rows.rows].findIndex((each) => each.dataset.timestamp <= message.timestamp);
        row = rows.insertRow(older);
        row.dataset.id = id;
        row.dataset.timestamp = message.timestamp;
    }
    row.dataset.updated = updated;
    row.replaceChildren();
    for (const column of table.tHead.rows[0].cells) {
        row.insertCell().textContent = textOf(message[column.dataset.member] ?? "");
    }
    tellAge(row);
    if (SAVES.includes(message.notification)) {
        showSave(message);
    }
    while (rows.rows.length > shown) {
        rows.deleteRow(-1);
    }
    showOutcome();
}

function showSave({ timestamp, parameters }) {
    if (!parameters || saved.dataset.timestamp >= timestamp) {
        return;
    }
    saved.dataset.timestamp = timestamp;
    saved.querySelector(".name").textContent = textOf(parameters.name);
    const data = parameters.data ?? null;
    const laidOut = data === null ? "none" : JSON.stringify(data, null, 2);
    saved.querySelector("pre").textContent = laidOut.length > longest ? textOf(data) : laidOut;
    saved.querySelector(".blocked").hidden = JSON.stringify(parameters.isBlocked) !== "true";
    tellSaved();
    stale.hidden = false;
}

// --- Times ---------------------------------------------------------------------------

function tellAge(row) {
    const cell = row.cells[0];
    cell.textContent = timeAndAgeOf(momentOf(row.dataset.timestamp));
    cell.title = `${row.dataset.timestamp} UTC`;
}

function tellSaved() {
    if (saved.dataset.timestamp) {
        saved.querySelector(".when").textContent = timeAndAgeOf(momentOf(saved.dataset.timestamp));
    }
}

function tellAges() {
    live.querySelectorAll("tr[data-timestamp]").forEach(tellAge);
    tellSaved();
}

function rowOf(kind, id) {
    return [...tables[kind].tBodies[0].rows].find((row) => row.dataset.id === id);
}

// --- Commands ----------------------------------------------------------------------

form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const name = JSON.stringify(form.querySelector("#live_name").value);
    const parameters = form.querySelector("#live_parameters").value.trim() || "null";
    sent = null;
    try {
        JSON.parse(parameters); // Or it could end the frame and begin something else.
        const body = `{"command":${name},"parameters":${parameters}}`;
        const members = `"deviceId":${JSON.stringify(device)},"command":${body}}`;
        const answer = await connection().askText("command/insert", members);
        sent = JSON.stringify(answer.command.id);
        showOutcome();
    } catch (error) {
        outcome.value = `Not sent: ${error.message}`;
    }
});

function showOutcome() {
    const row = sent && rowOf("command", sent);
    if (!row) {
        return;
    }
    const answered = row.dataset.updated !== row.dataset.timestamp;
    const [status, result] = [...row.cells].slice(-2).map((cell) => cell.textContent);
    outcome.value = answered
        ? `Answered: ${status} ${result}`
        : `Sent with the id ${sent}; the device has not answered yet.`;
}

form.hidden = false;
connect();
tellAges();
setInterval(lookForSaves, SAVES_MS);
setInterval(tellAges, AGES_MS);
setInterval(lookForDevice, DEVICE_MS);
