// Looks at the page from outside: when it can be used, and when each message that arrives is drawn.
(() => {
  const bench = { usable: 0, arrived: {}, inserted: {}, painted: {} };
  window.bench = bench;

  // A frame's callbacks run just before it is painted; a message posted there comes just after.
  const afterThisPaint = (act) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => act(performance.now());
    channel.port2.postMessage(0);
  };
  const afterNextPaint = (act) => requestAnimationFrame(() => afterThisPaint(act));

  // When the first of the page was on the screen, which comes after its paint.
  const shown = (act) =>
    new PerformanceObserver((list) => {
      for (const { startTime } of list.getEntriesByName("first-contentful-paint")) act(startTime);
    }).observe({ type: "paint", buffered: true });

  // The room can be used once its messages stand there, its script has taken over the composer, and
  // the server has said that what is posted from now on will be heard. Looked for only then: each
  // look before that would have the browser make a frame.
  const look = () => {
    const text = document.querySelector("chat-room:defined .composer textarea");
    const rows = document.querySelectorAll("chat-room article.message").length;
    if (text && document.activeElement === text && rows >= 40) {
      afterThisPaint((now) => {
        lookForMessages();
        shown((first) => (bench.usable = Math.max(now, first)));
      });
    } else {
      requestAnimationFrame(look);
    }
  };

  window.WebSocket = class extends WebSocket {
    constructor(...options) {
      super(...options);
      this.addEventListener("message", ({ data }) => {
        if (data.startsWith('{"type":"subscribed"')) requestAnimationFrame(look);
        if (!data.startsWith('{"type":"message"')) return;
        bench.arrived[/"id":(\d+)/.exec(data)[1]] = performance.now();
      });
    }
  };

  const observer = new MutationObserver((records) => {
    for (const { addedNodes } of records) {
      for (const node of addedNodes) {
        if (!(node instanceof Element)) continue;
        const message = node.matches("article.message") ? node : node.querySelector("article.message");
        const id = message?.dataset.message;
        if (!(id in bench.arrived) || id in bench.inserted) continue;
        bench.inserted[id] = performance.now();
        afterNextPaint((now) => (bench.painted[id] = now));
      }
    }
  });
  // Only now: it would be told of each element that the page begins with, and slow it down.
  const lookForMessages = () => observer.observe(document, { childList: true, subtree: true });
})();
