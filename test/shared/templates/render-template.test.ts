// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are variables of templates
import { X509Certificate } from "node:crypto"
import { describe, expect, test } from "vitest"
import { type RenderOptions, renderTemplate } from "../../../shared/templates/render-template.ts"

const now = () => new Date("2026-07-01T12:00:00Z")
const options: RenderOptions = { now, environment: { NAME: "value" } }

describe("the way back", () => {
  test("text is verbatim and what an action writes belongs to the action", () => {
    const source = "id: {{.ID}}\ntag: {{ .Tag | upper }}!"

    const { text, segments } = rendered(source, { ID: "ca1", Tag: "v1" })

    expect(text).toBe("id: ca1\ntag: V1!")
    expect(segments).toEqual([
      { start: 0, sourceStart: 0, isVerbatim: true },
      { start: 4, sourceStart: 4, isVerbatim: false },
      { start: 7, sourceStart: 11, isVerbatim: true },
      { start: 13, sourceStart: 17, isVerbatim: false },
      { start: 15, sourceStart: source.indexOf("!"), isVerbatim: true },
    ])
  })

  test("every round of a loop leads to the loop's body, and a called template to its definition", () => {
    const source = '{{define "x"}}<{{.}}>{{end}}{{range .L}}- {{template "x" .}}\n{{end}}'

    const { text, segments } = rendered(source, { L: ["a", "b"] })

    expect(text).toBe("- <a>\n- <b>\n")
    const verbatim = segments.filter(({ isVerbatim }) => isVerbatim)
    for (const { start, sourceStart } of verbatim) expect(source.charAt(sourceStart)).toBe(text.charAt(start))
    expect(verbatim).toHaveLength(8)
  })

  test("trim markers and comments are skipped", () => {
    const source = "a  {{- /* c */ -}}  b {{- .X }}"

    const { text, segments } = rendered(source, { X: 1n })

    expect(text).toBe("ab1")
    expect(segments.map(({ sourceStart }) => sourceStart)).toEqual([0, source.indexOf("b"), source.indexOf("{{- .X")])
  })

  test("what was deleted as having no value leaves the rest where it was", () => {
    const source = "a{{.Nope}}b<no value>c{{.X}}<no {{/* */}}value>d"

    const { text, segments } = rendered(source, { X: "x" })

    expect(text).toBe("abcxd")
    const at = (letter: string) => segments.findLast(({ start }) => start <= text.indexOf(letter))
    for (const letter of ["a", "b", "c", "d"]) {
      const segment = at(letter)
      expect(source.charAt((segment?.sourceStart ?? 0) + text.indexOf(letter) - (segment?.start ?? 0))).toBe(letter)
    }
    expect(at("x")).toMatchObject({ sourceStart: source.indexOf("{{.X}}"), isVerbatim: false })
  })
})

describe("a mistake", () => {
  test.each([
    ["a\n  {{nope}}", 2, 5, 'failed to parse template: function "nope" not defined'],
    ["a\n\n{{.X.y.z}}", 3, 5, "failed to execute template: <.X.y.z>: nil pointer evaluating interface {}.y"],
    ["é🐳{{fail `boom`}}", 1, 6, "failed to execute template: <fail `boom`>: error calling fail: boom"],
    ["{{if .X}}\n", 2, 1, "failed to parse template: unexpected EOF"],
    ["\n{{.X", 2, 5, "failed to parse template: unclosed action"],
  ])("in %j is shown where it is", (source, line, column, message) => {
    const result = renderTemplate(source, {}, options)

    expect(result).toEqual({ ok: false, problem: { message, line, column } })
  })
})

describe("the limits", () => {
  const doubling = (step: string) => `{{$x := list "ab"}}{{$s := "ab"}}{{range until 100}}${step}{{end}}`
  test.each([
    ["repeat", '{{repeat 1000000000 "abc"}}', /too long/],
    ["until", "{{until 1000000000}}", /too long/],
    ["untilStep", "{{untilStep 1000000000 0 -1}}", /too long/],
    ["indent", '{{indent 1000000000 "a"}}', /too long/],
    ["indent of many lines", '{{indent 3000 (repeat 3000 "\\n")}}', /too long/],
    ["wrapWith", '{{wrapWith 1 (repeat 9999 "x") (repeat 9999 "a b ")}}', /too (?:long|much)/],
    ["replace", '{{$s := repeat 9999 "ab"}}{{replace "a" $s $s}}', /too long/],
    [
      "join",
      '{{$s := repeat 99999 "ab"}}{{$l := list}}{{range until 99}}{{$l = append $l $s}}{{end}}{{join "" $l}}',
      /too long/,
    ],
    [
      "print of a shared text",
      '{{$s := repeat 99999 "ab"}}{{$l := list}}{{range until 99}}{{$l = append $l $s}}{{end}}{{$l}}',
      /too long/,
    ],
    ["printf", '{{range until 99}}{{printf "%999999d" 1}}{{end}}', /too long/],
    ["regexReplaceAll", '{{regexReplaceAll "a" (repeat 9999 "a") (repeat 9999 "z")}}', /too (?:long|much)/],
    ["a text that doubles", doubling("{{$s = print $s $s}}"), /too long/],
    ["a list that doubles", doubling("{{$x = concat $x $x}}"), /too (?:long|much)/],
    ["a list of itself, printed", `${doubling("{{$x = list $x $x}}")}{{$x}}`, /too much|too deeply/],
    [
      "a list of itself, as JSON",
      `${doubling("{{$x = list $x $x}}")}{{toJson (slice $x 0 1)}}x{{fail "end"}}`,
      /too much|end/,
    ],
    ["a list of itself, copied", `${doubling("{{$x = list $x $x}}")}{{deepCopy $x}}`, /too much|too deeply/],
    [
      "a list of itself, compared",
      `${doubling("{{$x = list $x $x}}")}{{deepEqual $x (list $x)}}`,
      /too much|too deeply|^$/,
    ],
    ["a map in itself", '{{$d := dict}}{{$_ := set $d "a" $d}}{{$d}}', /too deeply/],
    [
      "a map in itself, merged",
      '{{$d := dict}}{{$_ := set $d "a" $d}}{{$e := dict}}{{$_ := set $e "a" $e}}{{merge $d $e}}',
      /too deeply/,
    ],
    ["loops in loops", "{{range until 9999}}{{range until 9999}}{{range until 9999}}{{end}}{{end}}{{end}}", /too much/],
    ["a loop over a number", "{{range 1000000000000}}{{end}}", /too much/],
    [
      "a template that calls itself",
      '{{define "a"}}{{template "a" .}}{{end}}{{template "a" .}}',
      /maximum template depth/,
    ],
    [
      "a template that calls itself twice",
      '{{define "a"}}{{if lt . 99}}{{template "a" (int (add1 .))}}{{template "a" (int (add1 .))}}{{end}}{{end}}{{template "a" 1}}',
      /too much/,
    ],
    ["keys", '{{range until 99}}{{genPrivateKey "ecdsa"}}{{end}}', /too much/],
    ["passwords", '{{range until 999}}{{derivePassword 1 "pin" "a" "b" "c"}}{{end}}', /too much|too long/],
    ["nesting", "{{if true}}".repeat(999) + "{{end}}".repeat(999), /depth exceeded/],
    ["parentheses", `{{${"(".repeat(999)}1${")".repeat(999)}}}`, /depth exceeded/],
    [
      "patterns that explode",
      '{{regexMatch "((((a{1,30}){1,30}b)*c){1,10}){1,5}$" (repeat 99999 "ab")}}',
      /too much|invalid repeat|^$/,
    ],
  ])("hold for %s", (_name, source, message) => {
    const result = renderTemplate(source, {}, options)

    expect(result.ok ? "" : result.problem.message).toMatch(message)
  })

  test("can be lower", () => {
    const render = (limits: RenderOptions["limits"]) =>
      renderTemplate("{{range until 100}}0123456789{{end}}", {}, { ...options, ...(limits && { limits }) })

    expect(render(undefined).ok).toBe(true)
    expect(render({ maxOutputBytes: 999 })).toMatchObject({ ok: false, problem: { message: /too long/ } })
    expect(render({ maxSteps: 50 })).toMatchObject({ ok: false, problem: { message: /too much/ } })
    expect(render({ timeoutMs: -1 })).toMatchObject({ ok: false, problem: { message: /too long/ } })
  })

  test.each([
    ["kebabcase", '{{kebabcase (repeat 40000 "a.1B-") | len}}'],
    ["trim", '{{trim (print (repeat 80000 " \\t") "x" (repeat 80000 "  ") "y ") | len}}'],
    ["base", '{{base (print (repeat 100000 "/") "x") | len}}'],
    ["expandenv", '{{expandenv (repeat 100000 "${") | len}}'],
    ["float64", '{{float64 (print (repeat 100000 "1") "x")}}'],
    ["printf", '{{printf (repeat 90000 "%[") | len}}'],
    ["toJson", "{{toJson (until 20000) | len}}"],
    ["print", "{{until 20000}}"],
  ])("are not needed for %s, which takes linear time", (_name, source) => {
    expect(renderTemplate(source, {}, { ...options, limits: { timeoutMs: 60_000 } }).ok).toBe(true)
  })
})

describe("the outside", () => {
  test("is what the caller gives: environment, clock, random bytes", () => {
    const source =
      '{{env "NAME"}}{{env "PATH"}}{{expandenv "$NAME$PATH"}} {{now.Year}} {{date "2006-01-02" now}} {{uuidv4}} {{randAlpha 3}}'

    const result = renderTemplate(source, {}, { ...options, random: (size) => new Uint8Array(size) })

    expect(result).toMatchObject({
      rendered: { text: "valuevalue 2026 2026-07-01 00000000-0000-4000-8000-000000000000 AAA" },
    })
  })

  test("is never asked for a host", () => {
    expect(renderTemplate('{{getHostByName "example.com"}}', {}, options)).toMatchObject({
      problem: { message: /host names are not looked up in templates/ },
    })
    expect(rendered('{{getHostByName "localhost"}} {{getHostByName "::1"}}', {}).text).toBe("127.0.0.1 ::1")
  })
})

test("certificates are ones that Node can read and that their authority has signed", () => {
  const source =
    '{{$ca := genCA "my ca" 10}}{{$c := genSignedCert "my host" (list "10.0.0.1" "::ffff:1.2.3.4") (list "a.example") 5 $ca}}' +
    '{{$s := genSelfSignedCert "self" nil nil 1}}{{$b := buildCustomCert (b64enc $s.Cert) (b64enc $s.Key)}}' +
    "{{$ca.Cert}}|{{$c.Cert}}|{{eq $b.Cert $s.Cert}}"

  const [authority = "", host = "", isSame] = rendered(source, {}).text.split("|")
  const [ca, certificate] = [new X509Certificate(authority), new X509Certificate(host)]

  expect(ca.ca).toBe(true)
  expect(ca.subject).toBe("CN=my ca")
  expect(certificate.checkIssued(ca)).toBe(true)
  expect(certificate.verify(ca.publicKey)).toBe(true)
  expect(certificate.subjectAltName).toContain("DNS:a.example, IP Address:10.0.0.1")
  expect(certificate.validToDate.toISOString()).toBe("2026-07-06T12:00:00.000Z")
  expect(isSame).toBe("true")
})

function rendered(source: string, roots: Record<string, unknown>) {
  const result = renderTemplate(source, roots, options)
  if (!result.ok) throw new Error(result.problem.message)
  return result.rendered
}
