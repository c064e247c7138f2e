/* SPDX-License-Identifier: MIT */
/* Long zeroes, trims and cache commands go in pieces, which end soon after
 * nobody waits for them any more; for who does, or has said goodbye, all of
 * the range is done. */
#include "tests/nbd/rig.h"

#define PIECE_MAX (32u << 20)
#define LEAVE_AT 3 /* pieces begun */

/* Of these, one is in flight and one may be begun before the news. */
#define PIECES_AFTER 2

enum way {
	STAYS,	  /* and takes its answer */
	GOODBYE,  /* NBD_CMD_DISC right after the request, and closes */
	CLOSES,	  /* without a word */
	HALF,	  /* closes its sending side at first, all of it later */
	SHUTDOWN, /* of the server, which has to be done soon */
};

static enum way way;
static int peer; /* the client's socket, or -1 */
static int pieces, pieces_after;
static uint64_t bytes_done;

/* With all that came read, as a reset would tell what an end doesn't. */
static void leave(void)
{
	uint8_t answer[500];

	while (read(peer, answer, sizeof(answer)) > 0)
		;
	close(peer);
	peer = -1;
}

static void piece_begins(uint64_t bytes)
{
	check(bytes <= PIECE_MAX);
	bytes_done += bytes;
	if (++pieces == LEAVE_AT && (way == CLOSES || way == HALF))
		leave();
	else if (pieces > LEAVE_AT)
		pieces_after++;
}

/* the linker's --wrap puts these in front of the node's own */
int __real_node_co_pread(struct node *node, uint64_t offset, void *buf,
			 size_t bytes, unsigned flags);
int __real_node_co_write_zeroes(struct node *node, uint64_t offset,
				uint64_t bytes, unsigned flags);
int __real_node_co_discard(struct node *node, uint64_t offset, uint64_t bytes);
int __wrap_node_co_pread(struct node *node, uint64_t offset, void *buf,
			 size_t bytes, unsigned flags);
int __wrap_node_co_write_zeroes(struct node *node, uint64_t offset,
				uint64_t bytes, unsigned flags);
int __wrap_node_co_discard(struct node *node, uint64_t offset, uint64_t bytes);

int __wrap_node_co_pread(struct node *node, uint64_t offset, void *buf,
			 size_t bytes, unsigned flags)
{
	piece_begins(bytes);
	return __real_node_co_pread(node, offset, buf, bytes, flags);
}

int __wrap_node_co_write_zeroes(struct node *node, uint64_t offset,
				uint64_t bytes, unsigned flags)
{
	piece_begins(bytes);
	return __real_node_co_write_zeroes(node, offset, bytes, flags);
}

int __wrap_node_co_discard(struct node *node, uint64_t offset, uint64_t bytes)
{
	piece_begins(bytes);
	return __real_node_co_discard(node, offset, bytes);
}

static size_t put_request(uint8_t *p, uint16_t type, uint64_t offset,
			  uint32_t len)
{
	p += nbd_encode_u32(p, 0x25609513);
	p += nbd_encode_u32(p, type);
	memcpy(p, "a cookie", 8);
	p += 8;
	p += nbd_encode_u32(p, offset >> 32);
	p += nbd_encode_u32(p, (uint32_t)offset);
	nbd_encode_u32(p, len);
	return NBD_REQUEST_LEN;
}

/* Connect, and send the request and what the way adds to it. */
static void begin(struct rig *rig, uint16_t type, uint32_t len)
{
	uint8_t bytes[200] = RIG_GO;
	size_t n = sizeof(RIG_GO) - 1;
	int fds[2];

	n += put_request(bytes + n, type, 12345, len);
	if (way == GOODBYE)
		n += put_request(bytes + n, NBD_CMD_DISC, 0, 0);
	check_int(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	check_int(write(fds[1], bytes, n), n);
	if (way == HALF)
		shutdown(fds[1], SHUT_WR);
	peer = fds[1];
	pieces = pieces_after = 0;
	bytes_done = 0;
	nbd_server_adopt(rig->server, fds[0]);
}

static bool begun(void *opaque)
{
	return pieces >= LEAVE_AT;
}

static bool answered(void *opaque)
{
	uint8_t answer[500];
	ssize_t n = recv(peer, answer, sizeof(answer), MSG_PEEK);

	return n == RIG_GO_REPLY + NBD_SIMPLE_REPLY_LEN;
}

static void end(struct rig *rig)
{
	loop_run_until(rig->loop, begun, NULL);
	if (way == STAYS)
		loop_run_until(rig->loop, answered, NULL);
	if (way == SHUTDOWN)
		nbd_server_shutdown(rig->server, 1);
	if (peer >= 0)
		leave();
	loop_run_until(rig->loop, rig_is_alone, rig->server);
}

static void check_way(struct rig *rig, uint16_t type, uint32_t len)
{
	check_int(rig_start(rig), 0);
	begin(rig, type, len);
	end(rig);
	fprintf(stderr, "type %d, way %d: %d pieces\n", type, way, pieces);
	if (way == STAYS || way == GOODBYE)
		check_int(bytes_done, len);
	else
		check(pieces_after <= PIECES_AFTER);
	rig_stop(rig);
}

int main(void)
{
	struct rig rig;

	rig_open(&rig, "driver=null,size=8G,latency-us=2000");
	for (way = STAYS; way <= SHUTDOWN; way++) {
		check_way(&rig, NBD_CMD_TRIM, 4000u << 20);
		check_way(&rig, NBD_CMD_WRITE_ZEROES, 4000u << 20);
		check_way(&rig, NBD_CMD_CACHE, 32u << 20);
	}
	rig_close(&rig);
	return 0;
}
