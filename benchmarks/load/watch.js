// Looks at the page from outside: when it can be used, and when each message that arrives is drawn.
(() => {
  const bench = { usable: 0, live: false, arrived: {}, inserted: {}, painted: {} };
  window.bench = bench;

  // A frame's callbacks run just before it is painted; a message posted there comes just after.
  const afterPaint = (act) =>
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => act(performance.now());
      channel.port2.postMessage(0);
    });

  // The room can be used once its messages stand there, its script has taken over the composer, and
  // the server has said that what is posted from now on will be heard.
  const look = () => {
    const text = document.querySelector("chat-room:defined .composer textarea");
    const shown = document.querySelectorAll("chat-room article.message").length;
    if (bench.live && text && document.activeElement === text && shown >= 40) {
      afterPaint((now) => (bench.usable = now));
    } else {
      requestAnimationFrame(look);
    }
  };
  requestAnimationFrame(look);

  window.WebSocket = class extends WebSocket {
    constructor(...options) {
      super(...options);
      this.addEventListener("message", ({ data }) => {
        bench.live ||= data.startsWith('{"type":"subscribed"');
        if (!data.startsWith('{"type":"message"')) return;
        bench.arrived[/"id":(\d+)/.exec(data)[1]] = performance.now();
      });
    }
  };

  new MutationObserver((records) => {
    for (const { addedNodes } of records) {
      for (const node of addedNodes) {
        if (!(node instanceof Element)) continue;
        const message = node.matches("article.message") ? node : node.querySelector("article.message");
        const id = message?.dataset.message;
        if (!(id in bench.arrived) || id in bench.inserted) continue;
        bench.inserted[id] = performance.now();
        afterPaint((now) => (bench.painted[id] = now));
      }
    }
  }).observe(document, { childList: true, subtree: true });
})();
