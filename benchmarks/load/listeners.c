/* Many WebSocket listeners in one thread: opens them, then checks and times every delivery.
 *
 *   listeners HOST PORT PATH SOCKETS HELLO EXPECTED SECONDS [HEADERS]
 *
 * HEADERS is a file with one extra request header block a line ("Cookie: session=...;" and so on,
 * \r\n written as a literal "\r\n"); line i serves socket i, modulo the number of lines. HELLO is
 * a text frame sent once after the handshake ("" for none). A delivery is any text frame with a
 * mark "bench:<n>:<t>;" in it: n counts up from 1 in each room, t is the sender's CLOCK_MONOTONIC
 * in nanoseconds. Where many post at once only the server knows the order: marks with the number 0
 * are counted by the "seq" of their frame, which must be dense. EXPECTED -1: how many are expected
 * on each socket comes as a line on the standard input, once whoever speaks knows it. It prints
 * "ready" when every socket is open and has sent its hello, and at the end one line of JSON; the
 * seconds run from the moment in the first mark to the last delivery, "cpu_seconds" is what this
 * process used meanwhile, "errors" are marks out of order, "uneven" the sockets that heard one twice
 * in place of another; "p50_ms" and so on are over the messages, each of which counts as long as it
 * took to the last of all sockets (which must hear the same room). A mark that is missing, doubled
 * or out of order is an error, never noise.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define READ_CHUNK (256 * 1024)
#define MAX_MESSAGES (8 * 1000 * 1000)
#define LONGEST_MARK 64
#define HANDSHAKE_SECONDS 60
#define TOLD UINT32_MAX /* not a listener: the standard input */

struct listener {
    int fd;
    long last;            /* the number of the last mark seen */
    long count;           /* how many marks, and their numbers: least, most, all together */
    long least, most, sum;
    unsigned char *rest;  /* bytes of a frame that has not ended yet */
    size_t rest_size, rest_capacity;
};

static struct listener *listeners;
static unsigned char chunk[READ_CHUNK];
static uint32_t *slowest; /* microseconds, of each message to the last who heard it */
static size_t message_count;
static long first_number = -1;
static long deliveries, errors, closed_early, expected_per_socket;
static long long bytes_read, payload_bytes;
static double last_delivery, cpu_before;
static int64_t first_sent = INT64_MAX;

static double now_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int64_t now_nanoseconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000LL + t.tv_nsec;
}

static double cpu_seconds(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static void fail(const char *what) {
    fprintf(stderr, "listeners: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void write_all(int fd, const void *data, size_t size) {
    const char *at = data;
    while (size > 0) {
        ssize_t done = write(fd, at, size);
        if (done <= 0) fail("write");
        at += done;
        size -= (size_t)done;
    }
}

/* A client's frames are masked; an all-zero mask leaves the payload as it is. */
static void send_frame(int fd, unsigned char opcode, const char *text, size_t size) {
    unsigned char frame[4 + 4 + 4096];
    size_t head = 2;
    if (size > 4096) size = 4096;
    frame[0] = (unsigned char)(0x80 | opcode);
    if (size < 126) {
        frame[1] = (unsigned char)(0x80 | size);
    } else {
        frame[1] = 0x80 | 126;
        frame[2] = (unsigned char)(size >> 8);
        frame[3] = (unsigned char)size;
        head = 4;
    }
    memset(frame + head, 0, 4);
    memcpy(frame + head + 4, text, size);
    write_all(fd, frame, head + 4 + size);
}

static void keep(struct listener *self, const unsigned char *data, size_t size) {
    if (size > self->rest_capacity) {
        self->rest_capacity = size * 2;
        self->rest = realloc(self->rest, self->rest_capacity);
        if (!self->rest) fail("realloc");
    }
    memmove(self->rest, data, size);
    self->rest_size = size;
}

static long seq_of(const unsigned char *payload, size_t size) {
    char digits[24] = {0};
    const unsigned char *at = memmem(payload, size, "\"seq\":", 6);
    if (!at) return -1;
    size_t left = size - (size_t)(at + 6 - payload);
    memcpy(digits, at + 6, left < sizeof digits - 1 ? left : sizeof digits - 1);
    return strtol(digits, NULL, 10);
}

static void note_lateness(long number, int64_t late) {
    if (first_number < 0) first_number = number;
    size_t at = (size_t)(number - first_number);
    if (number < first_number || at >= MAX_MESSAGES) return;
    uint32_t microseconds = late < 0 ? 0 : late > UINT32_MAX ? UINT32_MAX : (uint32_t)late;
    if (microseconds > slowest[at]) slowest[at] = microseconds;
    if (at >= message_count) message_count = at + 1;
}

static void count_delivery(struct listener *self, const char *mark, long seq) {
    char copy[LONGEST_MARK + 1];
    memcpy(copy, mark, LONGEST_MARK);
    copy[LONGEST_MARK] = 0;
    char *end;
    long number = strtol(copy + 6, &end, 10);
    int64_t sent = *end == ':' ? strtoll(end + 1, NULL, 10) : 0;
    if (!number) {
        number = seq;
        if (!self->count) self->last = seq - 1;
    }
    if (number != self->last + 1) errors++;
    self->last = number;
    if (!self->count || number < self->least) self->least = number;
    if (!self->count || number > self->most) self->most = number;
    self->sum += number;
    self->count++;
    last_delivery = now_seconds();
    deliveries++;
    if (sent < first_sent) first_sent = sent;
    note_lateness(number, (now_nanoseconds() - sent) / 1000);
}

static void take_text(struct listener *self, const unsigned char *payload, size_t size) {
    if (size == 1 && payload[0] == '2') { /* Engine.IO's ping wants its pong. */
        send_frame(self->fd, 1, "3", 1);
        return;
    }
    const char *mark = memmem(payload, size, "bench:", 6);
    if (!mark) return;
    size_t left = size - (size_t)((const unsigned char *)mark - payload);
    char padded[LONGEST_MARK] = {0};
    memcpy(padded, mark, left < LONGEST_MARK ? left : LONGEST_MARK);
    payload_bytes += (long long)size;
    count_delivery(self, padded, seq_of(payload, size));
}

/* Takes whole frames off the front; returns how many bytes were used. */
static size_t take_frames(struct listener *self, const unsigned char *data, size_t size) {
    size_t at = 0;
    while (size - at >= 2) {
        size_t head = 2, length = data[at + 1] & 0x7f;
        if (length == 126) {
            if (size - at < 4) break;
            length = (size_t)data[at + 2] << 8 | data[at + 3];
            head = 4;
        } else if (length == 127) {
            if (size - at < 10) break;
            length = 0;
            for (int i = 2; i < 10; i++) length = length << 8 | data[at + (size_t)i];
            head = 10;
        }
        if (size - at < head + length) break;
        unsigned char opcode = data[at] & 0x0f;
        if (opcode == 1) take_text(self, data + at + head, length);
        if (opcode == 9) send_frame(self->fd, 10, (const char *)data + at + head, length);
        if (opcode == 8) closed_early++;
        at += head + length;
    }
    return at;
}

static void receive(struct listener *self) {
    size_t before = self->rest_size;
    if (before) memcpy(chunk, self->rest, before);
    ssize_t got = read(self->fd, chunk + before, READ_CHUNK - before);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) {
        closed_early++;
        close(self->fd);
        self->fd = -1;
        return;
    }
    bytes_read += got;
    size_t size = before + (size_t)got, used = take_frames(self, chunk, size);
    keep(self, chunk + used, size - used);
}

static void handshake(struct listener *self, const char *host, const char *port, const char *path,
                      const char *headers) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    inet_pton(AF_INET, host, &address.sin_addr);
    self->fd = socket(AF_INET, SOCK_STREAM, 0);
    int on = 1;
    setsockopt(self->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    /* A server that says nothing must not keep the benchmark; later only what is there is read. */
    struct timeval patience = {.tv_sec = HANDSHAKE_SECONDS};
    setsockopt(self->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(self->fd, (struct sockaddr *)&address, sizeof address)) fail("connect");
    char request[8192];
    int size = snprintf(request, sizeof request,
                        "GET %s HTTP/1.1\r\nHost: %s:%s\r\nOrigin: http://%s:%s\r\n"
                        "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Version: 13\r\n"
                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n%s\r\n",
                        path, host, port, host, port, headers);
    write_all(self->fd, request, (size_t)size);
    size_t have = 0;
    for (;;) {
        ssize_t got = read(self->fd, chunk + have, 16384 - have);
        if (got <= 0) fail("handshake");
        have += (size_t)got;
        unsigned char *end = memmem(chunk, have, "\r\n\r\n", 4);
        if (!end) continue;
        if (!memmem(chunk, have, " 101 ", 5)) {
            fprintf(stderr, "listeners: refused: %.*s\n", 300, (char *)chunk);
            exit(1);
        }
        size_t used = (size_t)(end + 4 - chunk);
        keep(self, chunk + used, have - used);
        return;
    }
}

static char **read_headers(const char *file, int *count) {
    char **lines = malloc(sizeof(char *) * 100000);
    char line[8192];
    FILE *in = fopen(file, "r");
    if (!in) fail(file);
    *count = 0;
    while (fgets(line, sizeof line, in) && *count < 100000) {
        line[strcspn(line, "\n")] = 0;
        char *clean = malloc(strlen(line) + 3), *to = clean;
        for (char *from = line; *from; from++) {
            if (!strncmp(from, "\\r\\n", 4)) {
                *to++ = '\r';
                *to++ = '\n';
                from += 3;
            } else {
                *to++ = *from;
            }
        }
        *to = 0;
        lines[(*count)++] = clean;
    }
    fclose(in);
    return lines;
}

static int by_size(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static double percentile(double share) {
    if (!message_count) return -1;
    size_t at = (size_t)((double)(message_count - 1) * share);
    return slowest[at] / 1000.0;
}

/* Whether one mark was doubled and another one lost, whatever their order was. */
static int is_uneven(const struct listener *self) {
    if (!self->count) return 0;
    return self->most - self->least + 1 != self->count ||
           (self->least + self->most) * self->count / 2 != self->sum;
}

static void report(int count) {
    long missing = 0, uneven = 0;
    double used = cpu_seconds() - cpu_before;
    for (int i = 0; i < count; i++) {
        /* Too many are as wrong as too few. */
        missing += labs(expected_per_socket - listeners[i].count);
        uneven += is_uneven(&listeners[i]);
    }
    qsort(slowest, message_count, sizeof *slowest, by_size);
    printf("{\"sockets\": %d, \"deliveries\": %ld, \"missing\": %ld, \"errors\": %ld, "
           "\"uneven\": %ld, \"closed\": %ld, \"bytes\": %lld, \"payload_bytes\": %lld, \"seconds\": %.6f, \"p50_ms\": %.3f, "
           "\"p99_ms\": %.3f, \"max_ms\": %.3f, \"cpu_seconds\": %.3f}\n",
           count, deliveries, missing, errors, uneven, closed_early, bytes_read, payload_bytes,
           deliveries ? last_delivery - (double)first_sent / 1e9 : 0.0, percentile(0.5),
           percentile(0.99), percentile(1.0), used);
}

static long read_number(void) {
    char line[32] = {0};
    if (read(STDIN_FILENO, line, sizeof line - 1) <= 0) fail("nobody says how many are expected");
    return atol(line);
}

int main(int argc, char **argv) {
    if (argc < 8) {
        fprintf(stderr, "listeners HOST PORT PATH SOCKETS HELLO EXPECTED SECONDS [HEADERS]\n");
        return 2;
    }
    int count = atoi(argv[4]), header_count = 1;
    expected_per_socket = atol(argv[6]);
    double patience = atof(argv[7]);
    char *none[] = {""};
    char **headers = argc > 8 ? read_headers(argv[8], &header_count) : none;
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    listeners = calloc((size_t)count, sizeof *listeners);
    slowest = calloc(MAX_MESSAGES, sizeof *slowest);
    if (!slowest) fail("calloc");
    int poll = epoll_create1(0);
    for (int i = 0; i < count; i++) {
        handshake(&listeners[i], argv[1], argv[2], argv[3], headers[i % header_count]);
        if (*argv[5]) send_frame(listeners[i].fd, 1, argv[5], strlen(argv[5]));
        struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)i};
        epoll_ctl(poll, EPOLL_CTL_ADD, listeners[i].fd, &event);
    }
    if (expected_per_socket < 0) {
        struct epoll_event event = {.events = EPOLLIN, .data.u32 = TOLD};
        if (epoll_ctl(poll, EPOLL_CTL_ADD, STDIN_FILENO, &event)) fail("stdin");
    }
    cpu_before = cpu_seconds();
    printf("ready\n");
    fflush(stdout);
    double end = now_seconds() + patience;
    struct epoll_event events[512];
    while (now_seconds() < end) {
        if (expected_per_socket >= 0 && deliveries >= expected_per_socket * count) break;
        int ready = epoll_wait(poll, events, 512, 100);
        for (int i = 0; i < ready; i++) {
            if (events[i].data.u32 == TOLD) {
                expected_per_socket = read_number();
                epoll_ctl(poll, EPOLL_CTL_DEL, STDIN_FILENO, NULL);
                continue;
            }
            struct listener *self = &listeners[events[i].data.u32];
            if (self->fd >= 0) receive(self);
        }
    }
    report(count);
    return 0;
}
