import { fileURLToPath } from "node:url";

/** Path of the built `supervise-init`. The file is missing where the package was installed without a C compiler. */
export const initProgram: string = fileURLToPath(new URL("../bin/supervise-init", import.meta.url));
