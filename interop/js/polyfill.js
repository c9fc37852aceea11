// What libp2p 3 takes for granted and Node 20 does not have. To be imported before libp2p.

Promise.withResolvers ??= function withResolvers() {
  let settle;
  const promise = new this((resolve, reject) => (settle = { resolve, reject }));
  return { promise, ...settle };
};
