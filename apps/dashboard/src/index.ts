export { runDashboard } from "./dashboard.js";
export type { DashboardOptions } from "./dashboard.js";
export type { LogFiles, LogPage } from "./feed/log-pages.js";
export type { PageAsk, PageEdge, ShownLine } from "./model/log-page.js";
