// Least connections, as simple as it can be: for proxies that choose no upstream themselves.
export const fewest = (paths) => {
  const upstreams = paths.map((path) => ({ path, inFlight: 0 }));
  return (response) => {
    const upstream = upstreams.reduce((best, one) => (one.inFlight < best.inFlight ? one : best));
    upstream.inFlight += 1;
    response.once('close', () => (upstream.inFlight -= 1));
    return upstream;
  };
};
