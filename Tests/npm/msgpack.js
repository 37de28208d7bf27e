// Holds our MessagePack against @msgpack/msgpack.
//   node msgpack.js write   the encodings of the values below, one behind the other, to standard output
//   node msgpack.js read    a description of the values on standard input, one line each
// The values are those of Tests/Core/Formats/MessagePack/MessagePackInteropTests.cs, in the same order.
"use strict";
const { encode, decodeMulti } = require("@msgpack/msgpack");
const { readFileSync, writeSync } = require("node:fs");

function values() {
  const all = [null, true, false];
  for (const power of [0, 5, 7, 8, 15, 16, 31, 32, 52]) {
    for (const sign of [1, -1]) {
      for (const offset of [-1, 0, 1]) {
        all.push(sign * 2 ** power + offset);
      }
    }
  }

  all.push(2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n, -(2n ** 63n));
  all.push(0.5, -1.5, 5e-324, 1.7976931348623157e308, Infinity, -Infinity, NaN);
  all.push("é€😀\u0000");
  for (const length of [0, 31, 32, 255, 256]) {
    all.push("a".repeat(length));
    all.push(new Uint8Array(length).fill(length & 255));
  }

  for (const count of [0, 15, 16]) {
    all.push(Array.from({ length: count }, (_, i) => i));
    all.push(Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, i])));
  }

  all.push([[], [{ a: [null] }]]);
  return all;
}

function describe(value, lines) {
  if (value === null || typeof value === "boolean") {
    lines.push(String(value));
  } else if (typeof value === "bigint") {
    lines.push(`i:${value}`);
  } else if (typeof value === "number") {
    const bits = new DataView(new ArrayBuffer(8));
    bits.setFloat64(0, value);
    lines.push(`x:${bits.getBigUint64(0).toString(16).padStart(16, "0")}`);
  } else if (typeof value === "string") {
    lines.push(`t:${Buffer.from(value, "utf8").toString("hex")}`);
  } else if (value instanceof Uint8Array) {
    lines.push(`b:${Buffer.from(value).toString("hex")}`);
  } else if (Array.isArray(value)) {
    lines.push(`a:${value.length}`);
    value.forEach((element) => describe(element, lines));
  } else {
    const pairs = Object.entries(value);
    lines.push(`m:${pairs.length}`);
    pairs.forEach(([key, element]) => {
      describe(key, lines);
      describe(element, lines);
    });
  }
}

function send(bytes) {
  for (let sent = 0; sent < bytes.length; ) {
    sent += writeSync(1, bytes, sent);
  }
}

if (process.argv[2] === "write") {
  // With useBigInt64 theirs writes plain numbers beyond 32 bits as floats: so only where a big integer needs it.
  send(Buffer.concat(values().map((value) => Buffer.from(encode(value, { useBigInt64: typeof value === "bigint" })))));
} else {
  const lines = [];
  for (const value of decodeMulti(readFileSync(0), { useBigInt64: true })) {
    describe(value, lines);
  }

  send(Buffer.from(lines.join("\n") + "\n"));
}
