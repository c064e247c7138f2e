/* SPDX-License-Identifier: MIT */
/* A back-end that says nothing, stops in the middle of its reply or does not
 * read what it is sent makes the call fail at its deadline, not before and not
 * much later, whatever signals come. */
#include <signal.h>
#include <sys/time.h>

#include "tests/libblkio/vu_peer.h"

#define WAIT_NS (30 * NS_PER_MS)

static void timed_out(struct peer *p, const char *text)
{
	struct vhost_user_msg msg = {.request = VHOST_USER_GET_FEATURES};
	int64_t start = clock_now_ns(), took;

	check_int(vu_channel_call(&p->ch, &msg, NULL, 0, start + WAIT_NS, NULL,
				  NULL, &p->err),
		  -ETIMEDOUT);
	took = clock_now_ns() - start;
	check(took >= WAIT_NS && took < PEER_TIMEOUT_NS);
	check_str(p->err.text, text);
	check_given_up(p);
}

static void silent(size_t bytes)
{
	uint8_t buf[VHOST_USER_MSG_MAX];
	struct peer p;

	peer_open(&p);
	make(buf, VHOST_USER_GET_FEATURES, 5, 8, 0);
	peer_send(&p, buf, bytes);
	timed_out(&p, "reply to GET_FEATURES: back-end does not answer in "
		      "time");
	peer_close(&p);
}

static void full(void)
{
	static const uint8_t junk[4096];
	struct peer p;

	peer_open(&p);
	while (send(p.ch.fd, junk, sizeof(junk), MSG_DONTWAIT) > 0)
		;
	while (send(p.ch.fd, junk, 1, MSG_DONTWAIT) > 0)
		;
	check_int(errno, EAGAIN);
	timed_out(&p, "GET_FEATURES: back-end does not read in time");
	peer_close(&p);
}

static void passed(void)
{
	struct vhost_user_msg msg = {.request = VHOST_USER_GET_FEATURES};
	struct peer p;

	peer_open(&p);
	check_int(vu_channel_call(&p.ch, &msg, NULL, 0, 0, NULL, NULL, &p.err),
		  -ETIMEDOUT);
	peer_close(&p);
}

static volatile sig_atomic_t signals;

static void count(int number)
{
	signals++;
}

static void disturbed(void)
{
	struct sigaction act = {.sa_handler = count};
	struct itimerval each_ms = {{0, 1000}, {0, 1000}}, never = {0};

	check_int(sigaction(SIGALRM, &act, NULL), 0);
	check_int(setitimer(ITIMER_REAL, &each_ms, NULL), 0);
	silent(3);
	check_int(setitimer(ITIMER_REAL, &never, NULL), 0);
	check(signals > 0);
}

int main(void)
{
	silent(0);
	silent(1);
	silent(12);
	silent(19);
	full();
	passed();
	disturbed();
	return 0;
}
