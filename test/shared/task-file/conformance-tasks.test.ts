import { readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { z } from "zod"
import { isSame, runTaskCase, TaskCase, taskNameRules, taskRules } from "../../conformance/run-task-case.ts"

const { cases } = z
  .object({ cases: z.array(TaskCase) })
  .parse(JSON.parse(readFileSync(new URL("../../data/conformance/tasks.json", import.meta.url), "utf8")))

describe("the 138 task files that acb was run with", () => {
  test.each(cases)("$id gives what ACR gives, or what a named rule says instead", async (input) => {
    const { passed, detail, actual, expected } = await runTaskCase(input)

    expect(passed, detail).toBe(true)
    // So that what the web says about acb's words is found.
    expect(actual.problem ?? "").toContain(expected.problem ?? "")
  })

  test("every rule that a case needs is one: ACR gives something else", async () => {
    const outcomes = await Promise.all(cases.map(runTaskCase))
    const deviating = outcomes.filter(({ actual, acr }) => !isSame(actual, acr)).map(({ rule }) => rule)

    expect(new Set(deviating)).toEqual(
      new Set(["a-step-of-nothing-is-a-problem", "unknown-keys-stay-unknown", "docker-reads-build-texts"]),
    )
    expect(cases).toHaveLength(138)
  })

  test("rules and readings say why", () => {
    const reasons = [...taskRules.map(({ reason }) => reason), ...Object.values(taskNameRules)]

    expect(reasons.every((reason) => reason.length > 20)).toBe(true)
  })
})

describe("what the rules say of files that are not among the cases", () => {
  const unlike = { run: { Registry: "myreg.azurecr.io" }, found_version: "v1.0.0", alias_enabled: false }
  const step = { id: "acb_step_0", timeout: 600, retryDelay: 5, network: "acb_default_network" }
  const network = { driver: "bridge", ipv6: false, isDefault: true, name: "acb_default_network", skipCreation: false }
  const acb = (steps: Record<string, unknown>[], more: Record<string, unknown> = {}) => ({
    found_version: unlike.found_version,
    alias_enabled: unlike.alias_enabled,
    version: "v1.0.0",
    steps,
    networks: [network],
    children: { "-": ["acb_step_0"], acb_step_0: [] },
    in_degree: { acb_step_0: 1 },
    init_buildkit: false,
    ...more,
  })

  test.each([
    {
      rule: "a-when-counts-once",
      task: "version: v1.0.0\nsteps:\n- id: a\n  cmd: x\n- id: b\n  cmd: x\n  when: [a, a]\n",
      expect: acb(
        [
          { ...step, id: "a", cmd: "x" },
          { ...step, id: "b", cmd: "x" },
        ],
        { children: { "-": ["a"], a: ["b"], b: [] }, in_degree: { a: 1, b: 2 } },
      ),
    },
    {
      rule: "comments-in-blocks-survive",
      task: "version: v1.0.0\nsteps:\n- cmd: |\n    #!/bin/sh\n    x\n",
      expect: acb([{ ...step, cmd: "x\n" }]),
    },
    {
      rule: "secret-files-are-base64",
      task: "version: v1.0.0\nvolumes:\n- name: v\n  secret: {f: '!'}\nsteps:\n- cmd: x\n",
      expect: acb([{ ...step, cmd: "x" }], { volumes: [{ name: "v", secret: { f: "!" } }] }),
    },
    {
      rule: "the-workspace-is-not-left",
      task: "version: v1.0.0\nsteps:\n- cmd: x\n  workingDirectory: ../y\n",
      expect: acb([{ ...step, cmd: "x", workingDirectory: "../y" }]),
    },
    {
      rule: "networks-have-names",
      task: "version: v1.0.0\nnetworks: [{driver: bridge}]\nsteps:\n- cmd: x\n",
      expect: acb([{ ...step, network: "", cmd: "x" }], { networks: [{ ...network, isDefault: false, name: "" }] }),
    },
    {
      rule: "a-shell-says-the-tags",
      task: "version: v1.0.0\nsteps:\n- build: -t app:$(date +%s) .\n",
      expect: acb([{ ...step, build: "-t app:$(date +%s) .", tags: ["app:$(date"] }]),
    },
  ])("$rule", async ({ rule, task, expect: acr }) => {
    const rendered = task.replace(/^ *#.*\n/gm, "")
    const input = TaskCase.parse({ id: rule, task, run: unlike.run, expect: { ...acr, rendered } })

    const outcome = await runTaskCase(input)

    expect(outcome.detail).toBe("")
    expect(outcome.rule).toContain(rule)
  })
})
