/** The package has no types of its own. Loads the addon that is built, or shipped for this machine, in `directory`. */
declare module "node-gyp-build" {
  export default function load(directory: string): unknown;
}
