/** Part of `@azure/functions-core`: runs its callback once. A class because apps and the library construct it. */
export class Disposable {
  #callback: (() => unknown) | undefined

  constructor(callback: () => unknown) {
    this.#callback = callback
  }

  static from(...disposables: { dispose(): unknown }[]): Disposable {
    return new Disposable(() => {
      for (const disposable of disposables) disposable.dispose()
    })
  }

  dispose(): unknown {
    const callback = this.#callback
    this.#callback = undefined
    return callback?.()
  }
}
