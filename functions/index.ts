/**
 * Slipway, in the order in which data flows through it.
 *
 *   az, SDK, curl ──▶ functions/arm ──▶ queueRun ──▶ [runs queue] ──▶ startRun ──▶ launcher ──▶ builder (ephemeral)
 *                                          │                                                     │ │
 *                                      runs table ◀── recordRunEvent ◀── functions/builders ◀────┘ └──▶ run log (append blob)
 *
 * Each file registers one function: it translates the platform's shape, calls one use case in `shared/`, maps the answer.
 * A run's state is one row of the runs table; only `changeRun` (compare-and-swap) may change it.
 */

// Storage and connections are made ready before the first request.
import "./prepare.ts"

// 1. Clients find the service and its registries. No token for the first, a reader's for the others.
import "./arm/discovery/get-metadata-endpoints.ts"
import "./arm/discovery/list-subscriptions.ts"
import "./arm/discovery/list-tenants.ts"
import "./arm/discovery/list-resources.ts"
import "./arm/registries/list-registries.ts"
import "./arm/registries/get-registry.ts"

// 2. Requests come in: sources go straight to blob storage by SAS, then a run is stored and its id queued.
import "./arm/runs/list-build-source-upload-url.ts"
import "./arm/runs/schedule-run.ts"

// 3. Work is started: one message, one builder. Nothing waits for a build in here.
import "./queues/start-run.ts"

// 4. A running builder calls back, with a token for its one run: the first fetch of the spec claims the run, events report
//    what happened, heartbeats say that it lives and bring back a cancel. It has no identity, so secrets are read for it here.
import "./builders/claim-spec.ts"
import "./builders/record-event.ts"
import "./builders/record-heartbeat.ts"
import "./builders/read-secret.ts"

// 5. Clients look and steer.
import "./arm/runs/list-runs.ts"
import "./arm/runs/get-run.ts"
import "./arm/runs/list-log-sas-url.ts"
import "./arm/runs/cancel-run.ts"
import "./arm/unknown-operation.ts"

// 6. The world calls: registries report pushes. Git providers will stand beside this file, one each.
import "./webhooks/registry-push.ts"

// 7. The clock: what got stuck is sent again or ended with a reason; what is old is purged.
import "./timers/sweep-runs.ts"
import "./timers/purge-runs.ts"
