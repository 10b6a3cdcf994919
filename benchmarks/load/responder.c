/* The other floor: answers every HTTP request with the same bytes, and does nothing else.
 *
 *   responder PORT
 *
 * One thread, epoll, kept-alive connections. A request ends with an empty line and has no body;
 * the next one comes when this one was answered, as the clients of the benchmark do. What is
 * measured against it is what the load generator can do.
 */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static const char ANSWER[] = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
                             "Content-Length: 13\r\n\r\nHello, World!";

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static void take_in(int poll, int door) {
    int on = 1, line = accept(door, NULL, NULL);
    if (line < 0) return;
    setsockopt(line, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = line};
    epoll_ctl(poll, EPOLL_CTL_ADD, line, &event);
}

static void answer(int line) {
    char request[65536];
    ssize_t got = read(line, request, sizeof request);
    if (got <= 0) {
        close(line);
    } else if (got >= 4 && !memcmp(request + got - 4, "\r\n\r\n", 4)) {
        if (write(line, ANSWER, sizeof ANSWER - 1) < 0) close(line);
    }
}

int main(int argc, char **argv) {
    if (argc < 2) {
        fprintf(stderr, "responder PORT\n");
        return 2;
    }
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((unsigned short)atoi(argv[1])),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int on = 1, door = socket(AF_INET, SOCK_STREAM, 0), poll = epoll_create1(0);
    setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(door, (struct sockaddr *)&address, sizeof address)) fail("bind");
    if (listen(door, 1024)) fail("listen");
    struct epoll_event event = {.events = EPOLLIN, .data.fd = door}, events[256];
    epoll_ctl(poll, EPOLL_CTL_ADD, door, &event);
    for (;;) {
        int ready = epoll_wait(poll, events, 256, -1);
        for (int i = 0; i < ready; i++) {
            if (events[i].data.fd == door) {
                take_in(poll, door);
            } else {
                answer(events[i].data.fd);
            }
        }
    }
}
