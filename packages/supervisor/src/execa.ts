/** In a file of its own: loading it takes longer than starting a hundred services, so it is imported where the first short command runs. */
export { execa } from "execa";
