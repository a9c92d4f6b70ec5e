export { initProgram } from "./init-program.js";
