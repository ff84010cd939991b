// Moments for people: the server's are UTC and say no zone.

const clock = new Intl.DateTimeFormat([], { dateStyle: "short", timeStyle: "medium" });

export function momentOf(timestamp) {
    return new Date(`${timestamp}Z`);
}

export function timeOf(moment) {
    return clock.format(moment);
}

export function ageOf(moment) {
    const seconds = Math.max(0, (Date.now() - moment) / 1000);
    const [unit, name] = [[86400, "days"], [3600, "h"], [60, "min"]].find(([each]) => seconds >= each) ?? [1, "s"];
    const count = Math.floor(seconds / unit);
    return seconds < 5 ? "just now" : `${count} ${name === "days" && count === 1 ? "day" : name} ago`;
}

export function timeAndAgeOf(moment) {
    return `${timeOf(moment)}, ${ageOf(moment)}`;
}
