// How a page looks: screenshots in both themes and both widths, axe, no sideways scroll, buttons for fingers.

import { AxeBuilder } from "@axe-core/playwright";
import { expect } from "@playwright/test";
import { join } from "node:path";

const HEIGHT = 844;
const WIDTHS = { phone: 390, desktop: 1280 };

/** One of the two pictures of the README. */
export async function picture(page, name) {
  await page.screenshot({ path: join(import.meta.dirname, "pictures", `${name}.png`) });
}

/** A screenshot in every theme and width, `name-width-theme.png`. */
export async function shoot(page, name) {
  const before = page.viewportSize();
  for (const [word, width] of Object.entries(WIDTHS)) {
    await page.setViewportSize({ width, height: HEIGHT });
    for (const colorScheme of ["dark", "light"]) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.screenshot({ path: join(process.env.SCREENSHOTS, `${name}-${word}-${colorScheme}.png`) });
    }
  }
  await page.setViewportSize(before);
}

/** Everything axe knows, pages within the page apart, which are inspected by themselves; in the dark again what depends on colours. */
export async function inspect(page, name) {
  for (const colorScheme of ["dark", "light"]) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const axe = new AxeBuilder({ page }).exclude("iframe");
    const { violations } = await (colorScheme === "dark" ? axe.withRules("color-contrast") : axe).analyze();
    const found = violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html).join(" ")}`);
    expect.soft(found, `axe on ${name}, ${colorScheme}`).toEqual([]);
  }
}

/** At phone widths nothing scrolls sideways, and whatever is tapped is high enough for a finger. */
export async function fits(page, name) {
  const before = page.viewportSize();
  for (const width of [390, 320]) {
    await page.setViewportSize({ width, height: HEIGHT });
    const { wide, low } = await page.evaluate(() => {
      const room = document.scrollingElement;
      const targets = [...document.querySelectorAll("button, summary, input:not([type=hidden]), select, textarea, dialog a, nav a")];
      // A link inside a sentence is as high as its line, and a small box counts with the label around it.
      const box = (target) => (target.matches("[type=checkbox], [type=radio]") ? target.labels[0] ?? target : target).getBoundingClientRect();
      const tapped = (target) => target.checkVisibility() && box(target).width > 1 && getComputedStyle(target).display !== "inline";
      return {
        wide: room.scrollWidth > innerWidth ? `${room.scrollWidth} > ${innerWidth}` : "",
        low: targets.filter((target) => tapped(target) && box(target).height < 43.5).map((target) => `${box(target).height} px: ${target.outerHTML.slice(0, 120)}`),
      };
    });
    expect.soft(wide, `${name} scrolls sideways at ${width} px`).toBe("");
    expect.soft(low, `${name} at ${width} px has targets lower than 44 px`).toEqual([]);
  }
  await page.setViewportSize(before);
}
