import type { Page } from 'playwright-core';

/**
 * What is wider than the place that it has, one line each: the page itself, whatever is beyond its edge, and on a phone
 * also what could be scrolled sideways.
 */
export async function overflowing(page: Page): Promise<string[]> {
  const found: unknown = await page.evaluate(`(() => {
    const isPhone = innerWidth < 640;
    const name = (element) => element.tagName + '.' + element.className + ': ' + element.textContent.slice(0, 60);
    const isWider = (element) => element.scrollWidth > element.clientWidth;
    const scrolled = [...document.querySelectorAll('.scroll')];
    const beyond = [...document.querySelectorAll('main *, header *, footer *')].filter(
      (element) =>
        element.getBoundingClientRect().right > innerWidth + 1 &&
        !scrolled.some((scroll) => scroll.contains(element)) &&
        element.closest('.visually-hidden') === null,
    );
    return [
      ...(isWider(document.documentElement) ? ['the page'] : []),
      ...beyond.map(name),
      ...(isPhone ? scrolled.filter(isWider).map(name) : []),
    ];
  })()`);
  if (!Array.isArray(found)) throw new TypeError('the page did not answer');
  return found.map(String);
}
