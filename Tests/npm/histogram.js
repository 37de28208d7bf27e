// Holds our histograms against hdr-histogram-js.
//   node histogram.js write     a histogram log of the cases below to standard output
//   node histogram.js summary   what the cases' histograms say, one line each
//   node histogram.js read      the same, of the histogram log on standard input
// The cases are those of Tests/Journal/Reports/HistogramLogTests.cs, in the same order.
"use strict";
const { build, HistogramLogReader, HistogramLogWriter } = require("hdr-histogram-js");
const { readFileSync, writeSync } = require("node:fs");

const percentiles = [0, 10, 25, 50, 75, 90, 99, 99.9, 99.99, 100];

function histogram(tag, highest, digits, fill, lowest = 1) {
  const made = build({
    bitBucketSize: 64,
    autoResize: false,
    lowestDiscernibleValue: lowest,
    highestTrackableValue: highest,
    numberOfSignificantValueDigits: digits,
  });
  made.tag = tag;
  fill(made);
  return made;
}

function corrected(plain) {
  const copy = plain.copyCorrectedForCoordinatedOmission(1000);
  copy.tag = plain.tag;
  return copy;
}

function cases() {
  return [
    histogram("empty", 3600000000000, 3, () => {}),
    histogram("zeros", 1000, 2, (h) => [0, 0, 0].forEach((v) => h.recordValue(v))),
    histogram("spread", 3600000000000, 3, (h) => {
      for (let i = 0; i < 5000; i++) {
        h.recordValue((i * i * 7919) % 1000000007);
      }
    }),
    histogram("coarse", 1000, 1, (h) => {
      for (let i = 0; i <= 1000; i++) {
        h.recordValue(i);
      }
    }),
    histogram("fine", 1000000, 5, (h) => {
      for (let i = 0; i < 3000; i++) {
        h.recordValue((i * 331) % 1000001);
      }
    }),
    histogram("stall", 10000000, 3, (h) => {
      for (let i = 0; i < 100; i++) {
        h.recordValueWithExpectedInterval(i === 50 ? 1234567 : 900 + i, 1000);
      }
    }),
    histogram("many", 4096, 2, (h) => {
      h.recordValueWithCount(500, 2 ** 40);
      h.recordValueWithCount(4000, 3);
    }),
    histogram("micros", 3600000000000, 3, (h) => {
      for (let i = 0; i < 4000; i++) {
        h.recordValue((i * i * 104729) % 10000019);
      }
    }, 1000),
    corrected(histogram("later", 10000000, 3, (h) => {
      for (let i = 0; i < 100; i++) {
        h.recordValue(i === 50 ? 1234567 : 900 + i);
      }
    })),
  ];
}

function summary(h) {
  const values = percentiles.map((p) => h.getValueAtPercentile(p)).join(" ");
  const least = h.totalCount === 0 ? 0 : h.getValueAtPercentile(0);
  // Not their maximum: of a histogram that they have read, with a lowest value above 1, it is one range too high.
  return `${h.tag} n=${h.totalCount} min=${least} max=${h.totalCount === 0 ? 0 : h.getValueAtPercentile(100)} `
    + `mean=${h.mean.toFixed(3)} deviation=${h.stdDeviation.toFixed(3)} p=${values}\n`;
}

function send(text) {
  const bytes = Buffer.from(text);
  for (let sent = 0; sent < bytes.length; ) {
    sent += writeSync(1, bytes, sent);
  }
}

if (process.argv[2] === "write") {
  const writer = new HistogramLogWriter(send);
  writer.outputLogFormatVersion();
  writer.outputLegend();
  cases().forEach((h, i) => writer.outputIntervalHistogram(h, i, i + 0.5, 1000000));
} else if (process.argv[2] === "summary") {
  send(cases().map(summary).join(""));
} else {
  const reader = new HistogramLogReader(readFileSync(0, "utf8"), 64);
  for (let h = reader.nextIntervalHistogram(); h !== null; h = reader.nextIntervalHistogram()) {
    send(summary(h));
  }
}
