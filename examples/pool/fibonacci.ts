// A task is a function in a file of its own. It runs in a thread, so it may take its time.
const fibonacci = (n: number): number => (n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2));

export default fibonacci;
