let isFirst = true;

/** The reader has come to something new: its heading gets the focus, and the window is at its top. Of the first page the browser has seen to that. */
export function arriveAt(heading: HTMLElement): void {
  if (!isFirst) {
    heading.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }
  isFirst = false;
}
