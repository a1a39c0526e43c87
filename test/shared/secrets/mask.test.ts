import { describe, expect, it } from "vitest"
import { createMasker } from "../../../shared/secrets/mask.ts"

const SECRET = `p@ss "w0rd"/+<&>é`

describe("createMasker", () => {
  it("masks a secret as it is", () => {
    expect(createMasker([SECRET]).mask(`before ${SECRET} after`)).toBe("before *** after")
  })

  it.each([0, 1, 2])("masks base64 of a text in which the secret stands after %i bytes", (before) => {
    const whole = Buffer.from(`${"x".repeat(before)}${SECRET}yz`).toString("base64")

    const shown = createMasker([SECRET]).mask(whole)

    expect(shown).toContain("***")
    // Left are the neighbours and the characters that they share with the secret.
    expect(shown.replace("***", "").length).toBeLessThanOrEqual(10)
  })

  it("masks a whole base64 text with its padding, also the url-safe one", () => {
    const secrets = ["a", "ab", "abc", "abcd", "abcde", "~~~???>>>"].map((tail) => `secret-${tail}`)
    const masker = createMasker(secrets)

    for (const secret of secrets) {
      expect(masker.mask(`[${Buffer.from(secret).toString("base64")}]`)).toBe("[***]")
      expect(masker.mask(`[${Buffer.from(secret).toString("base64url")}]`)).toBe("[***]")
    }
  })

  it("masks percent-encoded and JSON-escaped forms", () => {
    const masker = createMasker([SECRET])
    const forms = [
      encodeURIComponent(SECRET),
      encodeURIComponent(SECRET).toLowerCase().replace("p%40ss", "p%40ss"),
      new URLSearchParams({ x: SECRET }).toString().slice(2),
      JSON.stringify(SECRET).slice(1, -1),
      JSON.stringify(SECRET).slice(1, -1).replace("<", "\\u003c").replace("&", "\\u0026").replace(">", "\\u003e"),
      JSON.stringify(SECRET).slice(1, -1).replace("/", "\\/"),
    ]

    expect(forms.map((form) => masker.mask(`<${form}>`))).toEqual(forms.map(() => "<***>"))
  })

  it("masks a secret of several lines line by line and in its JSON form", () => {
    const key = "-----BEGIN KEY-----\r\nMIIEvQIBADANBg\r\nkqhkiG9w0BAQE\r\n-----END KEY-----\r\n"
    const masker = createMasker([key])

    expect(masker.mask("#5 0.1 MIIEvQIBADANBg\n#5 0.1 kqhkiG9w0BAQE")).toBe("#5 0.1 ***\n#5 0.1 ***")
    expect(masker.mask(JSON.stringify({ key: key.trim() }))).toBe('{"key":"***"}')
  })

  it("masks a secret whose white space was joined, or whose lines end in a lone carriage return", () => {
    expect(createMasker(["two  spaces\t here"]).mask("<two spaces here> <two  spaces\t here>")).toBe("<***> <***>")
    expect(createMasker(["first-line\rsecond-line"]).mask("second-line, first-line")).toBe("***, ***")
  })

  it("does not take white space for a secret", () => {
    expect(createMasker([" ", " \n a "]).mask("I CAn see it all")).toBe("I CAn see it all")
  })

  it("leaves nothing of secrets that overlap or contain each other", () => {
    const masker = createMasker(["xabc", "abcdef", "efgh", "abc"])

    expect(masker.mask("1xabcdefgh2 abc")).toBe("1***2 ***")
  })

  it("leaves values shorter than three characters alone", () => {
    expect(createMasker(["a", "", "ab"]).mask("a cab")).toBe("a cab")
  })

  it("masks signatures and user information in any URL", () => {
    const masker = createMasker([])

    expect(masker.mask("GET https://x/y?sv=1&sig=abc%2Fdef12%3D&se=2")).toBe("GET https://x/y?sv=1&sig=***&se=2")
    expect(masker.mask("clone https://user:tok@git.example/r and ssh://tok@h")).toBe(
      "clone https://***@git.example/r and ssh://***@h",
    )
    expect(masker.mask("FROM docker.io/x@sha256:1 https://r.example/@types/node")).toBe(
      "FROM docker.io/x@sha256:1 https://r.example/@types/node",
    )
  })

  it("shows the same however the text is cut into pieces", () => {
    const secrets = [SECRET, "tokentoken", "tokentokentoken1", "kento", "0123456789".repeat(30)]
    const random = randomNumbers(42)
    const words = [...secrets, ...secrets.map((s) => Buffer.from(s).toString("base64")), "token", "\n", " plain ", "to"]
    words.push("https://me:pw@host/", "?sig=aaaaaaaaaaaa&", encodeURIComponent(SECRET))
    for (let round = 0; round < 150; round += 1) {
      const text = Array.from({ length: 40 }, () => words[random(words.length)]).join("")
      const masker = createMasker(secrets)

      let shown = ""
      for (let at = 0; at < text.length; ) {
        const length = 1 + random(random(2) === 0 ? 5 : 400)
        shown += masker.write(text.slice(at, at + length))
        at += length
      }
      shown += masker.flush()

      expect(shown).toBe(masker.mask(text))
      for (const secret of secrets) expect(shown).not.toContain(secret)
    }
  })

  it("shows every whole line at once", () => {
    const masker = createMasker([SECRET])

    expect(masker.write("one\ntwo p@ss")).toBe("one\n")
    expect(masker.flush()).toBe("two p@ss")
  })

  it("does not keep a line without an end in memory", () => {
    const masker = createMasker(["aaa"])
    let shown = 0

    for (let piece = 0; piece < 40; piece += 1) shown += masker.write("a".repeat(65_536)).length + 1

    expect(shown).toBeGreaterThan(40)
    expect(masker.flush().length).toBeLessThan(4)
  })

  it("masks ten megabytes in two seconds", () => {
    const secrets = Array.from({ length: 10 }, (_, index) => `${index}-secret-${"x".repeat(20)}`)
    const masker = createMasker(secrets)
    const line = `#12 3.456 npm http fetch GET 200 https://example.org/@types/node/-/node-22.tgz 123ms (cache miss)\n`

    const startedAt = performance.now()
    for (let round = 0; round < 100_000; round += 1) masker.write(line)

    expect(performance.now() - startedAt).toBeLessThan(15_000)
  })
})

describe("createMasker with large secrets", () => {
  const letters = (count: number, seed: number) => {
    const random = randomNumbers(seed)
    return Array.from({ length: count }, () => "abcdefghijklmnop+/ %"[random(20)]).join("")
  }

  it("masks one of 200,000 characters, whole, in pieces and encoded", () => {
    const secret = letters(200_000, 1).trim()
    const masker = createMasker([secret])
    const encoded = Buffer.from(secret).toString("base64")

    expect(masker.mask(`<${secret}> <${encoded}>`)).toBe("<***> <***>")
    let shown = ""
    for (let at = 0; at < secret.length; at += 65_536) shown += masker.write(secret.slice(at, at + 65_536))
    expect(shown + masker.write(" end\nnext\n") + masker.flush()).toBe("*** end\nnext\n")
  })

  it("masks a thousand of three thousand characters without holding anything up", () => {
    const secrets = Array.from({ length: 1000 }, (_, index) => letters(3000, index + 1).trim())
    const line = `#12 3.456 npm http fetch GET 200 https://example.org/node-22.tgz 123ms (cache miss)\n`.repeat(10_000)

    const startedAt = performance.now()
    const masker = createMasker(secrets)
    const shown = masker.write(`${line}${secrets[999]}\n`)

    expect(performance.now() - startedAt).toBeLessThan(15_000)
    expect(shown).toBe(`${line}***\n`)
  })

  it("masks no line that follows one that only begins like a secret", () => {
    const secret = "0123456789".repeat(400)

    expect(createMasker([secret]).mask(`${secret.slice(0, 2000)}\nnext line`)).toBe("***\nnext line")
  })
})

/** Numbers that are the same in every run. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

describe("a secret in the forms of other tools", () => {
  const long = "ghp_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-0123456789"
  const wrapped = (text: string, columns: number) =>
    (
      Buffer.from(text)
        .toString("base64")
        .match(new RegExp(`.{1,${columns}}`, "g")) ?? []
    ).join("\n")

  it.each([
    ["alone, as base64 wraps it", "", "", 76],
    ["alone, as openssl wraps it", "", "", 64],
    ["behind a user", "me:", "", 76],
    ["behind a user of two letters more", "you: ", "\n", 76],
    ["in the middle of a file", "x".repeat(100), "y".repeat(50), 76],
    ["in the middle of a file, narrow", "x".repeat(101), "y".repeat(50), 64],
  ])("base64 that is wrapped: %s", (_, before, after, columns) => {
    const masker = createMasker([long])
    const encoded = wrapped(`${before}${long}${after}`, columns)

    const shown = masker.write(`${encoded}\n`) + masker.flush()

    // A piece of a line that holds less than three groups of it may stay.
    const left = shown.split(/\n|\*\*\*/).map((piece) => Buffer.from(piece, "base64").toString("latin1"))
    const seen = Array.from({ length: long.length - 13 }, (_, at) => long.slice(at, at + 14)).filter((part) =>
      left.some((text) => text.includes(part)),
    )
    expect(seen).toEqual([])
  })

  it.each([
    ["Python's json.dumps", "pässwörd", "p\\u00e4ssw\\u00f6rd"],
    ["codes in capitals", "pässwörd", "p\\u00E4ssw\\u00F6rd"],
    ["Python's urllib.parse.quote", "a+b/c==", "a%2Bb/c%3D%3D"],
    ["Go's url.PathEscape", "a+b/c=:@$&", "a+b%2Fc=:@$&"],
    ["Go's url.QueryEscape", "a b/c", "a+b%2Fc"],
  ])("%s", (_, secret, encoded) => {
    expect(createMasker([secret]).mask(`x ${encoded} y`)).toBe("x *** y")
  })

  it("a password with a slash in a URL, and no port for one", () => {
    const masker = createMasker([])

    expect(masker.mask("fetch https://user:hunter2/pw@host/app failed")).toBe("fetch https://***@host/app failed")
    expect(masker.mask("GET http://localhost:4873/@types/node")).toBe("GET http://localhost:4873/@types/node")
  })
})
