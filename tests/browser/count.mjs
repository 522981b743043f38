// The last word: how many tests passed and failed, alone on a line.

export default class Count {
  passed = 0;
  failed = 0;

  onBegin(_config, suite) {
    this.suite = suite;
  }

  onEnd(result) {
    for (const test of this.suite.allTests()) {
      if (test.outcome() === "expected" && test.expectedStatus === "passed") this.passed += 1;
      else if (test.outcome() !== "skipped" && test.outcome() !== "expected") this.failed += 1;
    }
    // A run that fell over before its tests has failed too.
    if (result.status !== "passed" && this.failed === 0) this.failed = 1;
  }

  async onExit() {
    console.log(`\n${this.passed} passed, ${this.failed} failed`);
  }
}
