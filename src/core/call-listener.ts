/** Calls a listener of the app: what it throws is the app's affair, uncaught, and disturbs no one else. */
export const callListener = (listen: () => void): void => {
  try {
    listen();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
};
