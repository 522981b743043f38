import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: ".",
  testMatch: process.env.PICTURES ? "pictures.mjs" : "*.spec.mjs",
  outputDir: `${process.env.WORK}/results`,
  fullyParallel: true,
  workers: 2,
  forbidOnly: true,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: [["list"], ["./count.mjs"]],
  use: {
    browserName: "chromium",
    launchOptions: { executablePath: process.env.CHROMIUM },
    viewport: { width: 1280, height: 900 },
    actionTimeout: 15_000,
    locale: "en-GB",
    timezoneId: "UTC",
  },
});
