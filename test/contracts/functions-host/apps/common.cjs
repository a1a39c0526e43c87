// @ts-nocheck plain JavaScript, as an app may be
const { app } = require("@azure/functions")
app.http("common", { authLevel: "anonymous", handler: () => ({ body: "from CommonJS" }) })
