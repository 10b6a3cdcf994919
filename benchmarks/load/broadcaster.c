/* The floor: a WebSocket server that does nothing but repeat what one socket says to all others.
 *
 *   broadcaster PORT
 *
 * One thread, epoll, one write a listener, the frame made once. No TLS, no checks, no history:
 * what remains is what the kernel costs, and so what any server could reach at best.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define MOST 65536

struct peer {
    int open;
    size_t size;
    unsigned char data[70000];
};

static struct peer *peers[MOST];
static int highest;

static uint32_t rotate(uint32_t value, int by) { return value << by | value >> (32 - by); }

/* SHA-1 (FIPS 180-4), as the handshake of RFC 6455 wants it; input of at most 119 bytes. */
static void sha1(const char *text, unsigned char *digest) {
    uint32_t h[5] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
    unsigned char blocks[128] = {0};
    size_t size = strlen(text), total = size + 9 > 64 ? 128 : 64;
    memcpy(blocks, text, size);
    blocks[size] = 0x80;
    blocks[total - 1] = (unsigned char)(size * 8);
    blocks[total - 2] = (unsigned char)(size * 8 >> 8);
    for (size_t block = 0; block < total; block += 64) {
        uint32_t w[80], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
        for (size_t i = 0; i < 16; i++) {
            const unsigned char *at = blocks + block + i * 4;
            w[i] = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
        }
        for (int i = 16; i < 80; i++) w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
        for (int i = 0; i < 80; i++) {
            uint32_t f, k;
            if (i < 20) f = (b & c) | (~b & d), k = 0x5A827999;
            else if (i < 40) f = b ^ c ^ d, k = 0x6ED9EBA1;
            else if (i < 60) f = (b & c) | (b & d) | (c & d), k = 0x8F1BBCDC;
            else f = b ^ c ^ d, k = 0xCA62C1D6;
            uint32_t next = rotate(a, 5) + f + e + k + w[i];
            e = d, d = c, c = rotate(b, 30), b = a, a = next;
        }
        h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e;
    }
    for (int i = 0; i < 20; i++) digest[i] = (unsigned char)(h[i / 4] >> (24 - i % 4 * 8));
}

static void base64(const unsigned char *in, size_t size, char *out) {
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t at = 0;
    for (size_t i = 0; i < size; i += 3) {
        uint32_t three = (uint32_t)in[i] << 16 | (i + 1 < size ? (uint32_t)in[i + 1] << 8 : 0) |
                         (i + 2 < size ? in[i + 2] : 0);
        out[at++] = letters[three >> 18 & 63];
        out[at++] = letters[three >> 12 & 63];
        out[at++] = i + 1 < size ? letters[three >> 6 & 63] : '=';
        out[at++] = i + 2 < size ? letters[three & 63] : '=';
    }
    out[at] = 0;
}

static void drop(int fd) {
    free(peers[fd]);
    peers[fd] = NULL;
    close(fd);
}

static size_t open_socket(int fd, struct peer *peer) {
    unsigned char *end = memmem(peer->data, peer->size, "\r\n\r\n", 4);
    char *key = memmem(peer->data, peer->size, "Sec-WebSocket-Key: ", 19);
    if (!end || !key) return 0;
    char joined[128], accept[40], answer[256];
    unsigned char digest[20];
    snprintf(joined, sizeof joined, "%.24s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key + 19);
    sha1(joined, digest);
    base64(digest, 20, accept);
    int size = snprintf(answer, sizeof answer,
                        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                        "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n", accept);
    if (write(fd, answer, (size_t)size) < 0) drop(fd);
    peer->open = 1;
    return (size_t)(end + 4 - peer->data);
}

static void repeat_to_all(const unsigned char *text, size_t size) {
    static unsigned char frame[70000];
    size_t head = 2;
    frame[0] = 0x81;
    if (size < 126) {
        frame[1] = (unsigned char)size;
    } else {
        frame[1] = 126;
        frame[2] = (unsigned char)(size >> 8);
        frame[3] = (unsigned char)size;
        head = 4;
    }
    memcpy(frame + head, text, size);
    for (int fd = 0; fd <= highest; fd++) {
        if (peers[fd] && peers[fd]->open && write(fd, frame, head + size) < 0) drop(fd);
    }
}

static size_t take_frame(struct peer *peer) {
    unsigned char *data = peer->data;
    if (peer->size < 6) return 0;
    size_t head = 2, length = data[1] & 0x7f;
    if (length == 126) length = (size_t)data[2] << 8 | data[3], head = 4;
    if (peer->size < head + 4 + length) return 0;
    unsigned char *mask = data + head, *text = mask + 4;
    for (size_t i = 0; i < length; i++) text[i] ^= mask[i % 4];
    if ((data[0] & 0x0f) == 1) repeat_to_all(text, length);
    return head + 4 + length;
}

static void receive(int fd) {
    struct peer *peer = peers[fd];
    ssize_t got = read(fd, peer->data + peer->size, sizeof peer->data - peer->size);
    if (got <= 0) {
        drop(fd);
        return;
    }
    peer->size += (size_t)got;
    size_t used;
    while (peers[fd] && (used = peer->open ? take_frame(peer) : open_socket(fd, peer)) > 0) {
        peer->size -= used;
        memmove(peer->data, peer->data + used, peer->size);
    }
}

int main(int argc, char **argv) {
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    int on = 1, door = socket(AF_INET, SOCK_STREAM, 0), poll = epoll_create1(0);
    setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)atoi(argc > 1 ? argv[1] : "0")),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (bind(door, (struct sockaddr *)&address, sizeof address) || listen(door, 4096)) return 1;
    struct epoll_event event = {.events = EPOLLIN, .data.fd = door}, events[512];
    epoll_ctl(poll, EPOLL_CTL_ADD, door, &event);
    for (;;) {
        int ready = epoll_wait(poll, events, 512, -1);
        for (int i = 0; i < ready; i++) {
            int fd = events[i].data.fd;
            if (fd != door) {
                if (peers[fd]) receive(fd);
                continue;
            }
            fd = accept(door, NULL, NULL);
            if (fd < 0 || fd >= MOST) continue;
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            peers[fd] = calloc(1, sizeof *peers[fd]);
            if (fd > highest) highest = fd;
            struct epoll_event one = {.events = EPOLLIN, .data.fd = fd};
            epoll_ctl(poll, EPOLL_CTL_ADD, fd, &one);
        }
    }
}
