// The product's own WebSocket protocol, from the side of a client: requests with their answers, and
// what is pushed.

// Numbers stay as they were written: 1.0 is not 1, and a long one is not rounded.
function parse(text) {
    return JSON.parse(text, (key, value, context) =>
        typeof value === "number" && JSON.rawJSON && context ? JSON.rawJSON(context.source) : value
    );
}

export class ProtocolSocket {
    // `onPush` hears of what nobody asked for, `onClose` why the connection was lost.
    constructor(url, { onPush, onClose }) {
        this.url = url;
        this.onPush = onPush;
        this.onClose = onClose;
        this.requests = 0;
        this.waiting = new Map(); // By requestId: what to do with the answer.
    }

    open() {
        this.socket = new WebSocket(this.url);
        this.socket.onmessage = (event) => this.receive(parse(event.data));
        return new Promise((resolve, reject) => {
            this.socket.onopen = resolve;
            this.socket.onclose = (event) => {
                const error = new Error(`the connection was closed (${event.code})`);
                reject(error);
                this.onClose(error.message);
            };
        });
    }

    // Leaves all questions unanswered, and hears of nothing any more.
    close(reason) {
        this.socket.onmessage = this.socket.onclose = null;
        this.socket.close();
        for (const { reject } of this.waiting.values()) {
            reject(new Error(reason));
        }
        this.waiting.clear();
    }

    ask(action, members) {
        return this.askText(action, JSON.stringify(members).slice(1));
    }

    // The members as JSON without the first brace: what a person typed is sent as it is.
    askText(action, members) {
        return new Promise((resolve, reject) => {
            this.requests += 1;
            this.waiting.set(String(this.requests), { resolve, reject });
            this.socket.send(`{"action":"${action}","requestId":${this.requests},${members}`);
        });
    }

    receive(frame) {
        if (frame.status === undefined) {
            const kind = frame.action.split("/")[0];
            this.onPush(kind, frame[kind]);
            return;
        }
        const id = JSON.stringify(frame.requestId);
        const { resolve, reject } = this.waiting.get(id);
        this.waiting.delete(id);
        if (frame.status === "success") {
            resolve(frame);
        } else {
            reject(new Error(frame.error));
        }
    }
}
