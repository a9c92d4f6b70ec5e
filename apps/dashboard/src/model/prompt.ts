import type { Model, Prompt } from "./model.js";

/** Asks for a text at the foot of the screen; Escape brings back the one that is given. */
export function openPrompt(model: Model, prompt: Prompt, text: string): Model {
  return { ...model, overlay: { kind: "prompt", prompt, text, before: text } };
}
