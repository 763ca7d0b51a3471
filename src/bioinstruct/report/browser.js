"use strict";
// The browser of items: reads the figures of all items at once, and their texts a part at a time when they are to be shown.
// Texts become text nodes and nothing else.
(() => {
  const PER_PAGE = 10;
  const KINDS = { instruction: "Instruction", input: "Input" };
  const find = (name) => document.getElementById(name);
  const state = { task: "", left: 0, right: 0, show: "all", page: 0 };
  const arrivals = new Map(); // file -> what to do with the text that it hands over
  const opened = new Map(); // number of a part -> promise of its texts
  let all;
  let turn = 0;

  window.bioinstructPart = (file, text) => arrivals.get(file)?.(text);

  async function unpack(text) {
    const raw = atob(text);
    const bytes = new Uint8Array(raw.length);
    for (let place = 0; place < raw.length; place += 1) bytes[place] = raw.charCodeAt(place);
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
  }

  function fetched(file) {
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      arrivals.set(file, resolve);
      script.onerror = () => reject(new Error(`The file ${file} could not be read. It belongs beside this page: keep its folder with it.`));
      script.src = file;
      document.head.append(script);
    });
  }

  function texts(number) {
    if (!opened.has(number)) {
      const { file } = all.parts[number];
      const packed = file === null ? Promise.resolve(find(`part-${number}`).textContent) : fetched(file);
      const read = packed.then(unpack);
      read.catch(() => opened.delete(number)); // so that it is tried again
      opened.set(number, read);
    }
    return opened.get(number);
  }

  function make(name, attributes, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  }

  const count = (number) => number.toLocaleString("en-US");
  const score = (value) => (100 * value).toFixed(1);
  const value = (answerer, place) => answerer.values[place];
  const mark = (answerer, place) => answerer.judge.values[place];
  const marked = (left, right, place) => mark(left, place) !== null && mark(right, place) !== null;

  function outside(text, characters, empty) {
    if (text === "") return make("p", { class: "empty" }, empty);
    const shown = make("div", { class: "outside" }, make("div", { class: "text", dir: "auto" }, text));
    if (characters > all.limit) shown.append(make("p", { class: "cut" }, `First ${count(all.limit)} of ${count(characters)} characters.`));
    return shown;
  }

  const TESTS = {
    all: () => true,
    higher: (left, right, place) => value(right, place) > value(left, place),
    lower: (left, right, place) => value(right, place) < value(left, place),
    equal: (left, right, place) => value(right, place) === value(left, place),
    better: (left, right, place) => marked(left, right, place) && mark(right, place) > mark(left, place),
    worse: (left, right, place) => marked(left, right, place) && mark(right, place) < mark(left, place),
  };

  function chosen() {
    const task = all.tasks[state.task];
    const [left, right] = [task.answerers[state.left], task.answerers[state.right]];
    const [side, outcome] = state.show.split(":");
    const test = outcome === undefined
      ? TESTS[state.show]
      : (_left, _right, place) => (side === "left" ? left : right).outcomes[place] === outcome;
    return [...task.items.keys()].filter((place) => test(left, right, place));
  }

  function fact(name, shown) {
    return make("div", {}, make("dt", {}, name), make("dd", {}, shown));
  }

  function words(title, replies, characters) {
    return make("details", { class: "judge" }, make("summary", {}, title),
      ...replies.map((reply, number) => outside(reply, characters[number], "(no reply)")));
  }

  function judged({ judge }, replies, place) {
    const [mean, outcome] = [judge.values[place], judge.outcomes[place]];
    const said = [mean === null ? "" : `${mean.toFixed(2)} of ${all.judge.highest}`, outcome === "marked" ? "" : all.judge.outcomes[outcome]];
    return words(`Judge: ${said.filter(Boolean).join(", ")}`, replies, judge.characters[place]);
  }

  function answer(task, answerer, text, replies, place) {
    const said = `${answerer.outcomes[place]}; ${task.metric} ${score(value(answerer, place))}`;
    return make("div", { class: `answer ${["base", "tuned"].includes(answerer.model) ? answerer.model : "other"}` },
      make("h5", {}, answerer.name), outside(text, answerer.characters[place], "(no text)"), make("p", { class: "outcome" }, said),
      ...(replies ? [judged(answerer, replies, place)] : []));
  }

  function choice({ pairs }, replies, place) {
    const both = [state.left, state.right];
    if (!pairs || !both.includes(pairs.tuned) || !both.includes(pairs.base)) return [];
    const title = `Judge, asked which of the two is better, the tuned model\u2019s text first and then second: ${all.judge.results[pairs.results[place]]}`;
    return [words(title, replies, pairs.characters[place])];
  }

  function origin(task, shown, place) {
    const line = `line ${count(place + 1)}`;
    const files = shown.map((answerer) => make("li", {}, `${answerer.name}: `, make("code", {}, answerer.scores_file), `, ${line}, read from `,
      make("code", {}, answerer.answers_file), `, ${line}`,
      ...(answerer.adapter === null ? ["; no adapter."] : ["; adapter ", make("code", {}, answerer.adapter), "."])));
    return make("details", { class: "origin" }, make("summary", {}, "Where this lies in the run folder"),
      make("ul", {}, make("li", {}, "Item: ", make("code", {}, task.items_file), `, ${line}.`), ...files),
      make("p", {}, make("a", { href: "#lineage" }, "From there to the seeds"), "."));
  }

  function item(task, place, part, first) {
    const here = place - first;
    const shown = [...new Set([state.left, state.right])].map((number) => [number, task.answerers[number]]);
    const answers = shown.map(([number, answerer]) => answer(task, answerer, part.answers[number][here], part.marks?.[number]?.[here], place));
    const gold = make("div", { class: "answer gold" }, make("h5", {}, "Gold"), outside(part.gold[here], task.characters.gold[place], "(empty)"));
    const further = task.further_references[place];
    if (further) gold.append(make("p", { class: "cut" }, `and ${count(further)} further reference${further === 1 ? "" : "s"}`));
    const asked = make("dl", { class: "facts" });
    for (const [kind, name] of Object.entries(KINDS)) asked.append(fact(name, outside(part[kind][here], task.characters[kind][place], "(empty)")));
    const id = make("code", {}, task.items[place]);
    return make("article", { class: "item" }, make("h4", {}, make("span", { class: "why" }, `${count(place + 1)}. `), id),
      asked, make("div", { class: "answers" }, ...answers, gold), ...choice(task, part.pairs?.[here], place), origin(task, shown.map(([, answerer]) => answerer), place));
  }

  function told(found, pages) {
    const task = all.tasks[state.task];
    if (found.length === 0) return `No item of ${count(task.items.length)} is like that.`;
    const first = state.page * PER_PAGE;
    const range = `${count(first + 1)} to ${count(Math.min(first + PER_PAGE, found.length))}`;
    const whole = found.length === task.items.length ? "items" : `items like that, of ${count(task.items.length)} in all`;
    return `Items ${range} of ${count(found.length)} ${whole}; page ${count(state.page + 1)} of ${count(pages)}.`;
  }

  async function draw() {
    turn += 1;
    const mine = turn;
    const task = all.tasks[state.task];
    const found = chosen();
    const pages = Math.max(1, Math.ceil(found.length / PER_PAGE));
    state.page = Math.min(state.page, pages - 1);
    const shown = found.slice(state.page * PER_PAGE, (state.page + 1) * PER_PAGE);
    const numbers = shown.map((place) => task.parts.find((number) => all.parts[number].last > place));
    let drawn;
    try {
      const parts = await Promise.all(numbers.map(texts));
      drawn = shown.map((place, number) => item(task, place, parts[number], all.parts[numbers[number]].first - 1));
    } catch (error) {
      drawn = [make("p", { class: "problem" }, error.message)];
    }
    if (mine !== turn) return; // something else was chosen meanwhile
    find("browser-list").replaceChildren(...drawn);
    find("browser-told").textContent = told(found, pages);
    for (const one of document.querySelectorAll("#browser-tools [data-step], #browser-more [data-step]")) {
      const next = state.page + Number(one.dataset.step);
      one.disabled = next < 0 || next >= pages;
    }
    find("browser-more").hidden = pages === 1;
    find("browser").dataset.drawn = String(turn);
  }

  function fill(name, options, selected) {
    find(name).replaceChildren(...options.map(([key, text]) => make("option", { value: key, ...(String(key) === String(selected) ? { selected: "" } : {}) }, text)));
  }

  function offered() {
    const task = all.tasks[state.task];
    const both = [task.answerers[state.left], task.answerers[state.right]];
    const [left, right] = both.map(({ name }) => name);
    const outcomes = ["unparsed", "truncated", "failed", "graded"];
    const sides = [["left", left], ["right", right]].filter(([side]) => side === "left" || state.left !== state.right);
    return [["all", "every item"],
      ...(state.left === state.right ? [] : [["higher", `${right} scored higher than ${left}`], ["lower", `${right} scored lower than ${left}`], ["equal", "both scored the same"]]),
      ...(state.left === state.right || both.some(({ judge }) => !judge) ? []
        : [["better", `the judge marked ${right} higher than ${left}`], ["worse", `the judge marked ${right} lower than ${left}`]]),
      ...sides.flatMap(([side, name]) => outcomes.map((outcome) => [`${side}:${outcome}`, `${name}: ${outcome}`]))];
  }

  function offer() {
    const options = offered();
    if (!options.some(([key]) => key === state.show)) state.show = "all";
    fill("browser-show", options, state.show);
  }

  function open(task) {
    const { answerers } = all.tasks[task];
    const of = (model, otherwise) => Math.max(answerers.findIndex((one) => one.model === model), otherwise);
    Object.assign(state, { task, left: of("base", 0), right: of("tuned", 0), show: "all", page: 0 });
    find("browser-task").value = task;
    const names = answerers.map((one, number) => [number, one.name]);
    fill("browser-left", names, state.left);
    fill("browser-right", names, state.right);
    offer();
    return draw();
  }

  function listen() {
    find("browser-task").addEventListener("change", (event) => open(event.target.value));
    for (const side of ["left", "right"]) {
      find(`browser-${side}`).addEventListener("change", (event) => {
        Object.assign(state, { [side]: Number(event.target.value), page: 0 });
        offer();
        draw();
      });
    }
    find("browser-show").addEventListener("change", (event) => {
      Object.assign(state, { show: event.target.value, page: 0 });
      draw();
    });
    for (const button of document.querySelectorAll("#browser [data-step]")) {
      button.addEventListener("click", async () => {
        state.page += Number(button.dataset.step);
        await draw();
        if (button.closest("#browser-more")) find("browser-told").focus();
      });
    }
    for (const link of document.querySelectorAll("a[data-items-of]")) {
      link.href = "#browser"; // without this script it leads to the section
      link.addEventListener("click", () => open(link.dataset.itemsOf));
    }
  }

  async function start() {
    all = await unpack(find("browser-figures").textContent);
    const names = Object.keys(all.tasks);
    for (const task of Object.values(all.tasks)) task.parts = [];
    all.parts.forEach((part, number) => all.tasks[part.task].parts.push(number));
    fill("browser-task", names.map((name) => [name, `${name} (${count(all.tasks[name].items.length)})`]), names[0]);
    listen();
    find("browser-tools").hidden = false;
    find("browser-closed").hidden = true;
    await open(names[0]);
  }

  start().catch(() => {
    find("browser-closed").textContent = "This browser cannot unpack the items (it lacks DecompressionStream); a newer one can.";
  });
})();
