// A press is never lost. While an answer or somebody else's change is drawn, what is pressed may
// move away under the pointer, or be made anew, between press and release; the browser then clicks
// nothing at all. Whoever lets go where they pressed meant what they pressed.

const SAME_PLACE = 8; // pixels: farther, and who pressed has thought better of it
const OWN_CLICK = 60; // ms in which the browser's own click would have come
const AT_REST = 400; // ms without a touch of mouse or keys: nobody is aiming at anything
const LOOK = 200; // ms between looks for what waits to be drawn
const ANSWERED = 2000; // ms until what was asked for is asked for again

function keepPresses() {
  let pressed = null;
  let touched = 0;
  let asked = 0;
  const now = () => performance.now();
  const keyOf = (button) =>
    [...(button.closest("[class*=st-key-]")?.classList ?? [])].find((n) => n.startsWith("st-key-"));

  for (const act of ["pointermove", "pointerdown", "pointerup", "keydown", "wheel", "input"])
    addEventListener(act, () => { touched = now(); }, { capture: true, passive: true });

  addEventListener("pointerdown", (event) => {
    const button = event.isPrimary && !event.button && event.target.closest?.("button");
    const { target, pointerId, clientX, clientY } = event;
    pressed = button
      ? { button, target, pointerId, clientX, clientY, key: keyOf(button), label: button.innerText }
      : null;
  }, true);
  addEventListener("pointercancel", () => { pressed = null; }, true);
  addEventListener("click", (event) => {
    if (pressed?.button.contains(event.target)) pressed.isClicked = true;
  }, true);
  addEventListener("pointerup", (event) => {
    const was = pressed;
    if (!was || event.pointerId !== was.pointerId) return;
    const { clientX: x, clientY: y } = event;
    const isMoved = !was.target.isConnected || !was.button.contains(document.elementFromPoint(x, y));
    const isElsewhere = Math.hypot(x - was.clientX, y - was.clientY) > SAME_PLACE;
    setTimeout(() => {
      if (pressed === was) pressed = null;
      if (!isMoved || isElsewhere || was.isClicked) return;
      // Made anew, it stands under the same key; another under that key says something else.
      const still = was.button.isConnected
        ? was.button
        : was.key && document.querySelector(`.${CSS.escape(was.key)} button`);
      if (still && !still.disabled && still.innerText === was.label) still.click();
    }, OWN_CLICK);
  }, true);

  // What others did is drawn when the reader's hand rests: nothing moves while they aim.
  setInterval(() => {
    if (pressed || now() - touched < AT_REST || now() - asked < ANSWERED) return;
    const isBusy = document.querySelector("[data-testid=stApp]")?.dataset.testScriptState !== "notRunning";
    const news = !isBusy && document.querySelector(".st-key-story-news button");
    if (!news) return;
    asked = now();
    news.click();
  }, LOOK);
}
