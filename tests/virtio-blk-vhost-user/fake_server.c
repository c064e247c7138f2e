/* SPDX-License-Identifier: MIT */
/* See fake_server.h. */
#include "tests/virtio-blk-vhost-user/fake_server.h"

#include <poll.h>
#include <stddef.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define MAX_IOV 1100
#define BUF_BYTES (4u << 20)

void fake_init(struct fake *f)
{
	*f = (struct fake){
		.features = VIRTIO_BLK_F_SEG_MAX | VIRTIO_BLK_F_BLK_SIZE |
			    VIRTIO_BLK_F_FLUSH | VIRTIO_BLK_F_TOPOLOGY |
			    VIRTIO_BLK_F_MQ | VIRTIO_BLK_F_DISCARD |
			    VIRTIO_BLK_F_WRITE_ZEROES | VIRTIO_F_VERSION_1 |
			    VIRTIO_F_INDIRECT_DESC | VIRTIO_F_EVENT_IDX |
			    VHOST_USER_F_PROTOCOL_FEATURES,
		.protocol_features = VHOST_USER_PROTOCOL_F_MQ |
				     VHOST_USER_PROTOCOL_F_REPLY_ACK |
				     VHOST_USER_PROTOCOL_F_CONFIG |
				     VHOST_USER_PROTOCOL_F_CONFIGURE_MEM_SLOTS,
		.config =
			{
				.capacity = FAKE_SECTORS,
				.seg_max = 16,
				.blk_size = VIRTIO_BLK_SECTOR_BYTES,
				.num_queues = FAKE_QUEUES,
				.max_discard_sectors = 256,
				.max_discard_seg = 1,
				.discard_sector_alignment = 1,
				.max_write_zeroes_sectors = 128,
				.max_write_zeroes_seg = 1,
				.write_zeroes_may_unmap = 1,
			},
		.nr_queues = FAKE_QUEUES,
		.nr_slots = 32,
		.max_size = VQ_SIZE_MAX,
		.props = "",
		.sock = -1,
		.listener = -1,
		.back = -1,
		.inflight_fd = -1,
		.client = -1,
	};
}

/* ---- memory ---- */

static void tell_queues(struct fake *f)
{
	f->mem.regions = f->regions;
	check_int(guest_memory_check(&f->mem, NULL), 0);
	for (int i = 0; i < FAKE_QUEUES; i++)
		if (f->queues[i].running)
			vq_device_set_memory(&f->queues[i].dev, &f->mem);
}

static void add_region(struct fake *f, const struct vhost_user_region *r,
		       int fd)
{
	void *host = mmap(NULL, r->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			  r->mmap_offset);
	uint32_t at = f->mem.nr++;

	check(host != MAP_FAILED);
	check(at < FAKE_REGIONS);
	for (; at > 0 && f->regions[at - 1].addr > r->guest_addr; at--)
		f->regions[at] = f->regions[at - 1];
	f->regions[at] =
		(struct guest_region){r->guest_addr, r->size, (char *)host};
}

static void remove_region(struct fake *f, uint32_t at)
{
	check_int(munmap(f->regions[at].host, f->regions[at].size_bytes), 0);
	for (f->mem.nr--; at < f->mem.nr; at++)
		f->regions[at] = f->regions[at + 1];
}

/* Which one; or the number of them. */
static uint32_t find_region(const struct fake *f,
			    const struct vhost_user_region *r)
{
	uint32_t at = 0;

	while (at < f->mem.nr && (f->regions[at].addr != r->guest_addr ||
				  f->regions[at].size_bytes != r->size))
		at++;
	return at;
}

/* Those that stay are left mapped where they are. */
static void set_table(struct fake *f, const struct vhost_user_table *t)
{
	for (uint32_t at = f->mem.nr; at-- > 0;) {
		bool stays = false;

		for (uint32_t i = 0; i < t->nr; i++)
			stays |= find_region(f, &t->regions[i]) == at;
		if (!stays)
			remove_region(f, at);
	}
	for (uint32_t i = 0; i < t->nr; i++)
		if (find_region(f, &t->regions[i]) == f->mem.nr)
			add_region(f, &t->regions[i], f->fds[i]);
}

/* ---- requests ---- */

static void note(struct fake *f, const struct fake_seen *s)
{
	pthread_mutex_lock(&f->lock);
	if (f->nr_seen < FAKE_SEEN)
		f->seen[f->nr_seen++] = *s;
	pthread_mutex_unlock(&f->lock);
}

unsigned fake_take_seen(struct fake *f, struct fake_seen *seen, unsigned max)
{
	unsigned nr;

	pthread_mutex_lock(&f->lock);
	nr = f->nr_seen;
	f->nr_seen = 0;
	memcpy(seen, f->seen, MIN(nr, max) * sizeof(*seen));
	pthread_mutex_unlock(&f->lock);
	return nr;
}

/* The bytes of iov from or to buf; returns how many. */
static size_t copy(const struct iovec *iov, uint32_t nr, uint8_t *buf,
		   bool to_buf)
{
	size_t n = 0;

	for (uint32_t i = 0; i < nr; n += iov[i++].iov_len) {
		check(n + iov[i].iov_len <= BUF_BYTES);
		if (to_buf)
			memcpy(buf + n, iov[i].iov_base, iov[i].iov_len);
		else
			memcpy(iov[i].iov_base, buf + n, iov[i].iov_len);
	}
	return n;
}

/* Of discard and write zeroes: one range, within what the device can. */
static void do_range(struct fake *f, struct fake_seen *s, size_t bytes)
{
	bool zeroes = s->type == VIRTIO_BLK_T_WRITE_ZEROES;
	struct virtio_blk_segment range;

	check_int(bytes, VIRTIO_BLK_SEGMENT_LEN);
	virtio_blk_segment_decode(f->buf, &range);
	check(range.num_sectors > 0);
	check(range.num_sectors <= (zeroes ? f->config.max_write_zeroes_sectors
					   : f->config.max_discard_sectors));
	check(range.flags == 0 ||
	      (zeroes && range.flags == VIRTIO_BLK_SEGMENT_UNMAP));
	check_int(s->sector, 0);
	s->sector = range.sector;
	s->nr_sectors = range.num_sectors;
	s->flags = range.flags;
	check(range.sector + range.num_sectors <= f->config.capacity);
	memset(f->disk + range.sector * VIRTIO_BLK_SECTOR_BYTES, 0,
	       s->nr_sectors * VIRTIO_BLK_SECTOR_BYTES);
}

static void do_transfer(struct fake *f, struct fake_seen *s, size_t bytes)
{
	uint64_t at = s->sector * VIRTIO_BLK_SECTOR_BYTES;

	check(bytes > 0);
	check_int((at | bytes) % f->config.blk_size, 0);
	s->nr_sectors = bytes / VIRTIO_BLK_SECTOR_BYTES;
	check(s->sector < f->config.capacity);
	check(s->nr_sectors <= f->config.capacity - s->sector);
	if (s->type == VIRTIO_BLK_T_IN)
		memcpy(f->buf, f->disk + at, bytes);
	else
		memcpy(f->disk + at, f->buf, bytes);
}

/*
 * What has been read is in buf, and there is what will be written. Whatever
 * the driver must not ask for ends the test.
 */
static uint8_t do_request(struct fake *f, struct fake_seen *s, size_t readable,
			  size_t writable)
{
	switch (s->type) {
	case VIRTIO_BLK_T_IN:
		check_int(readable, 0);
		do_transfer(f, s, writable);
		return VIRTIO_BLK_S_OK;
	case VIRTIO_BLK_T_OUT:
		check_int(writable, 0);
		do_transfer(f, s, readable);
		return VIRTIO_BLK_S_OK;
	case VIRTIO_BLK_T_DISCARD:
	case VIRTIO_BLK_T_WRITE_ZEROES:
		check_int(writable, 0);
		do_range(f, s, readable);
		return VIRTIO_BLK_S_OK;
	case VIRTIO_BLK_T_FLUSH:
		check(f->driver_features & VIRTIO_BLK_F_FLUSH);
		check_int(readable + writable, 0);
		return VIRTIO_BLK_S_OK;
	case VIRTIO_BLK_T_GET_ID:
		check_int(writable, VIRTIO_BLK_ID_LEN);
		memset(f->buf, 0, VIRTIO_BLK_ID_LEN);
		if (!f->serial)
			return VIRTIO_BLK_S_UNSUPP;
		memcpy(f->buf, f->serial,
		       strnlen(f->serial, VIRTIO_BLK_ID_LEN));
		return VIRTIO_BLK_S_OK;
	}
	check(!"a type that the driver must not use");
	return VIRTIO_BLK_S_UNSUPP;
}

/* Returns the bytes written. */
static uint32_t serve_chain(struct fake *f, const struct vq_chain *c)
{
	const struct iovec *in = c->iov + c->nr_readable;
	struct virtio_blk_request header;
	struct fake_seen seen;
	uint8_t status;
	size_t nr = copy(c->iov, c->nr_readable, f->buf, true);

	check(nr >= VIRTIO_BLK_REQUEST_LEN && c->writable_bytes > 0);
	check(c->nr_readable + c->nr_writable <= f->config.seg_max + 2);
	virtio_blk_request_decode(f->buf, &header);
	seen = (struct fake_seen){.type = header.type, .sector = header.sector};
	nr -= VIRTIO_BLK_REQUEST_LEN;
	memmove(f->buf, f->buf + VIRTIO_BLK_REQUEST_LEN, nr);
	status = do_request(f, &seen, nr, c->writable_bytes - 1);
	note(f, &seen);
	if (f->on_status)
		status = f->on_status(f, status);
	f->buf[c->writable_bytes - 1] = status;
	return copy(in, c->nr_writable, f->buf, false);
}

/* Used in the other order, where the driver must not rely on one. */
static bool serve_batch(struct fake *f, struct fake_queue *q)
{
	struct iovec iov[MAX_IOV];
	struct vq_chain chains[FAKE_BATCH];
	uint32_t written[FAKE_BATCH];
	struct err err = ERR_INIT;
	int nr = 0, ret = 0;

	while (nr < FAKE_BATCH) {
		chains[nr] = (struct vq_chain){.iov = iov, .max_iov = MAX_IOV};
		ret = vq_device_pop(&q->dev, &chains[nr], &err);
		if (ret != 1)
			break;
		if (f->on_request && !f->on_request(f, q))
			continue;
		written[nr] = serve_chain(f, &chains[nr]);
		nr++;
	}
	check_str(err.text, "");
	for (int i = 0; i < nr; i++) {
		int at = q->dev.in_order ? i : nr - 1 - i;

		if (!f->on_done || !f->on_done(f, q, &chains[at], written[at]))
			vq_device_push(&q->dev, &chains[at], written[at]);
	}
	if (vq_device_publish(&q->dev))
		eventfd_write(q->call, 1);
	return nr > 0;
}

static void serve(struct fake *f, struct fake_queue *q)
{
	do {
		vq_device_disable_kicks(&q->dev);
		while (q->running && serve_batch(f, q))
			;
	} while (q->running && vq_device_enable_kicks(&q->dev));
}

/* ---- messages ---- */

void fake_send(struct fake *f, const void *buf, size_t len, const int *fds,
	       size_t nr_fds)
{
	char control[CMSG_SPACE(VHOST_USER_FDS_MAX * sizeof(int))] = {0};
	struct iovec iov = {.iov_base = (void *)buf, .iov_len = len};
	struct msghdr hdr = {.msg_iov = &iov, .msg_iovlen = 1};
	struct cmsghdr *c;

	if (nr_fds > 0) {
		hdr.msg_control = control;
		hdr.msg_controllen = CMSG_SPACE(nr_fds * sizeof(int));
		c = CMSG_FIRSTHDR(&hdr);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(nr_fds * sizeof(int));
		memcpy(CMSG_DATA(c), fds, nr_fds * sizeof(int));
	}
	/* a driver that has gone is none of the server's business */
	if (len > 0 && sendmsg(f->sock, &hdr, MSG_NOSIGNAL) < 0)
		check(errno == EPIPE || errno == ECONNRESET);
}

void fake_hang_up(struct fake *f)
{
	f->hung_up = true;
}

static void take_fds(struct fake *f, struct msghdr *hdr)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(hdr);

	f->nr_fds = 0;
	if (!c)
		return;
	check_int(c->cmsg_type, SCM_RIGHTS);
	f->nr_fds = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	check(f->nr_fds <= VHOST_USER_FDS_MAX);
	memcpy(f->fds, CMSG_DATA(c), f->nr_fds * sizeof(int));
}

/* One message, what comes of it in f; false: the driver has hung up. */
static bool receive(struct fake *f, struct vhost_user_msg *msg)
{
	char control[CMSG_SPACE(VHOST_USER_FDS_MAX * sizeof(int))]
		__attribute__((aligned(_Alignof(struct cmsghdr))));
	uint8_t head[VHOST_USER_HEADER_LEN];
	struct iovec iov = {head, sizeof(head)};
	struct msghdr hdr = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct vhost_user_header header;
	struct err err = ERR_INIT;
	ssize_t n = recvmsg(f->sock, &hdr, MSG_CMSG_CLOEXEC | MSG_WAITALL);

	if (n <= 0)
		return false;
	check_int(n, sizeof(head));
	check(!(hdr.msg_flags & MSG_CTRUNC));
	take_fds(f, &hdr);
	check_int(vhost_user_decode_header(head, &header, &err), 0);
	if (header.size > 0)
		check_int(recv(f->sock, f->payload, header.size, MSG_WAITALL),
			  header.size);
	vhost_user_decode_request(VHOST_USER_FRONTEND, &header, f->payload,
				  f->nr_fds, f->driver_protocol, msg, &err);
	check_str(err.text, "");
	return true;
}

/* ---- records of what is in flight ---- */

static bool is_packed(const struct fake *f)
{
	return f->driver_features & VIRTIO_F_RING_PACKED;
}

/* In memory of our own, for the driver to keep. */
static void make_records(struct fake *f, struct vhost_user_msg *m)
{
	check(f->driver_protocol & VHOST_USER_PROTOCOL_F_INFLIGHT_SHMFD);
	check(m->inflight.nr_queues <= FAKE_QUEUES);
	m->inflight.mmap_size =
		m->inflight.nr_queues *
		vq_inflight_bytes(m->inflight.queue_size, is_packed(f));
	m->inflight.mmap_offset = 0;
	f->inflight_fd = memfd_create("records", MFD_CLOEXEC);
	check(f->inflight_fd >= 0);
	check_int(ftruncate(f->inflight_fd, m->inflight.mmap_size), 0);
}

static void forget_records(struct fake *f)
{
	if (f->records)
		munmap(f->records, f->inflight.mmap_size);
	f->records = NULL;
}

/* false: they are none, by whoever's fault. */
static bool take_records(struct fake *f, const struct vhost_user_inflight *i)
{
	void *records;

	check_int(f->nr_fds, 1);
	forget_records(f);
	records = mmap(NULL, i->mmap_size, PROT_READ | PROT_WRITE, MAP_SHARED,
		       f->fds[0], i->mmap_offset);
	if (records == MAP_FAILED)
		return false;
	f->inflight = *i;
	f->records = records;
	return true;
}

static void *records_of(struct fake *f, const struct fake_queue *q)
{
	size_t i = q - f->queues;

	if (!f->records)
		return NULL;
	check(i < f->inflight.nr_queues);
	check_int(q->size, f->inflight.queue_size);
	return f->records + i * vq_inflight_bytes(q->size, is_packed(f));
}

static void start_queue(struct fake *f, struct fake_queue *q)
{
	bool packed = is_packed(f);
	struct vq_device_config config = {
		.desc = guest_memory_find(&f->mem, q->addr.desc,
					  vq_desc_area_bytes(q->size)),
		.driver = guest_memory_find(
			&f->mem, q->addr.avail,
			vq_driver_area_bytes(q->size, packed)),
		.device = guest_memory_find(
			&f->mem, q->addr.used,
			vq_device_area_bytes(q->size, packed)),
		.size = q->size,
		.base = q->base,
		.features = f->driver_features,
		.mem = &f->mem,
		.inflight = records_of(f, q),
	};

	free(q->resubmit);
	q->resubmit = config.resubmit = calloc(q->size, sizeof(uint16_t));
	check(config.desc && config.driver && config.device);
	check_int(vq_device_init(&q->dev, &config, NULL), 0);
	q->running = true;
	serve(f, q);
}

static int keep_fd(struct fake *f, int old)
{
	if (old >= 0)
		close(old);
	check_int(f->nr_fds, 1);
	f->nr_fds = 0;
	return f->fds[0];
}

/* Messages about queue q; false: refused */
static bool do_queue(struct fake *f, struct fake_queue *q,
		     struct vhost_user_msg *m)
{
	switch (m->request) {
	case VHOST_USER_SET_VRING_NUM:
		q->size = m->state.num;
		f->nr_sizes_refused += q->size > f->max_size;
		return q->size <= f->max_size;
	case VHOST_USER_SET_VRING_BASE:
		q->base = m->state.num;
		return true;
	case VHOST_USER_SET_VRING_ADDR:
		q->addr = m->addr;
		return true;
	case VHOST_USER_SET_VRING_KICK:
		q->kick = keep_fd(f, q->kick);
		return true;
	case VHOST_USER_SET_VRING_CALL:
		q->call = keep_fd(f, q->call);
		return true;
	case VHOST_USER_SET_VRING_ERR:
		q->err = keep_fd(f, q->err);
		return true;
	case VHOST_USER_SET_VRING_ENABLE:
		check_int(m->state.num, 1);
		start_queue(f, q);
		return true;
	case VHOST_USER_GET_VRING_BASE:
		q->running = false;
		m->state.num = vq_device_base(&q->dev);
		return true;
	}
	check(!"a message that the driver must not send");
	return false;
}

/* What it is about is in the same place of these messages. */
static struct fake_queue *queue_of(struct fake *f,
				   const struct vhost_user_msg *m)
{
	_Static_assert(offsetof(struct vhost_user_msg, state.index) ==
			       offsetof(struct vhost_user_msg, addr.index),
		       "");
	_Static_assert(offsetof(struct vhost_user_msg, state.index) ==
			       offsetof(struct vhost_user_msg, vring_fd.index),
		       "");
	check(m->state.index < FAKE_QUEUES);
	return &f->queues[m->state.index];
}

static void get_config(struct fake *f, struct vhost_user_msg *m)
{
	static uint8_t space[VHOST_USER_CONFIG_MAX];

	virtio_blk_config_encode(&f->config, m->config.offset, space,
				 m->config.size);
	m->config.data = space;
}

/* The answer's values into m; false: refused */
static bool act(struct fake *f, struct vhost_user_msg *m)
{
	switch (m->request) {
	case VHOST_USER_SET_BACKEND_REQ_FD:
		f->back = keep_fd(f, f->back);
		return true;
	case VHOST_USER_GET_INFLIGHT_FD:
		make_records(f, m);
		return true;
	case VHOST_USER_SET_INFLIGHT_FD:
		return take_records(f, &m->inflight);
	case VHOST_USER_SET_OWNER:
		return true;
	case VHOST_USER_GET_FEATURES:
		m->u64 = f->features;
		return true;
	case VHOST_USER_SET_FEATURES:
		f->driver_features = m->u64;
		return true;
	case VHOST_USER_GET_PROTOCOL_FEATURES:
		m->u64 = f->protocol_features;
		return true;
	case VHOST_USER_SET_PROTOCOL_FEATURES:
		f->driver_protocol = m->u64;
		return true;
	case VHOST_USER_GET_QUEUE_NUM:
		m->u64 = f->nr_queues;
		return true;
	case VHOST_USER_GET_MAX_MEM_SLOTS:
		m->u64 = f->nr_slots;
		return true;
	case VHOST_USER_GET_CONFIG:
		get_config(f, m);
		return true;
	case VHOST_USER_SET_MEM_TABLE:
		set_table(f, &m->table);
		tell_queues(f);
		return true;
	case VHOST_USER_ADD_MEM_REG:
		add_region(f, &m->region, f->fds[0]);
		tell_queues(f);
		return true;
	case VHOST_USER_REM_MEM_REG:
		check(find_region(f, &m->region) < f->mem.nr);
		remove_region(f, find_region(f, &m->region));
		tell_queues(f);
		return true;
	}
	return do_queue(f, queue_of(f, m), m);
}

static void handle(struct fake *f, struct vhost_user_msg *m)
{
	struct vhost_user_header header = {
		.request = m->request,
		.flags = VHOST_USER_VERSION |
			 (m->need_reply ? VHOST_USER_NEED_REPLY : 0),
	};
	uint8_t answer[VHOST_USER_MSG_MAX];
	bool wanted = m->need_reply, done = act(f, m);
	size_t len;

	m->need_reply = false; /* what has a reply by its nature? */
	__atomic_fetch_add(&f->nr_messages, 1, __ATOMIC_RELAXED);
	if (!done)
		len = vhost_user_encode_refusal(answer, VHOST_USER_FRONTEND,
						&header);
	else if (vhost_user_has_reply(m))
		len = vhost_user_encode_reply(answer, m);
	else
		len = 0;
	m->need_reply = wanted;
	if (done && len == 0)
		len = vhost_user_encode_success(answer, m);
	if (!f->on_answer || !f->on_answer(f, m, answer, len))
		fake_send(f, answer, len, &f->inflight_fd, f->inflight_fd >= 0);
	if (f->inflight_fd >= 0)
		close(f->inflight_fd);
	f->inflight_fd = -1;
	while (f->nr_fds > 0)
		close(f->fds[--f->nr_fds]);
}

static void wait_for_work(struct fake *f, bool *message)
{
	struct pollfd p[1 + FAKE_QUEUES] = {{.fd = f->sock, .events = POLLIN}};
	eventfd_t ignored;

	for (int i = 0; i < FAKE_QUEUES; i++)
		p[1 + i] = (struct pollfd){
			.fd = f->queues[i].running ? f->queues[i].kick : -1,
			.events = POLLIN,
		};
	check(poll(p, ARRAY_SIZE(p), -1) > 0);
	for (int i = 0; i < FAKE_QUEUES; i++)
		if (p[1 + i].revents) {
			eventfd_read(f->queues[i].kick, &ignored);
			serve(f, &f->queues[i]);
		}
	*message = p[0].revents;
}

static void serve_client(struct fake *f)
{
	struct vhost_user_msg msg;
	bool message;

	while (!f->hung_up) {
		wait_for_work(f, &message);
		if (message && !f->hung_up) {
			if (!receive(f, &msg))
				break;
			handle(f, &msg);
		}
	}
	close(f->sock);
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void forget_client(struct fake *f)
{
	for (int i = 0; i < FAKE_QUEUES; i++) {
		close_fd(&f->queues[i].kick);
		close_fd(&f->queues[i].call);
		close_fd(&f->queues[i].err);
		free(f->queues[i].resubmit);
		f->queues[i].resubmit = NULL;
		f->queues[i].running = false;
	}
	close_fd(&f->back);
	forget_records(f);
	while (f->mem.nr > 0)
		remove_region(f, f->mem.nr - 1);
}

static bool accept_client(struct fake *f)
{
	struct pollfd p[] = {
		{.fd = f->stop, .events = POLLIN},
		{.fd = f->listener, .events = POLLIN},
	};

	check(poll(p, ARRAY_SIZE(p), -1) > 0);
	if (p[0].revents)
		return false;
	forget_client(f);
	f->sock = accept4(f->listener, NULL, NULL, SOCK_CLOEXEC);
	check(f->sock >= 0);
	f->hung_up = false;
	f->driver_protocol = 0;
	__atomic_fetch_add(&f->nr_clients, 1, __ATOMIC_RELAXED);
	return true;
}

static void *run(void *arg)
{
	struct fake *f = arg;

	if (!f->listens)
		serve_client(f);
	else
		while (accept_client(f))
			serve_client(f);
	close_fd(&f->listener);
	return NULL;
}

/* ---- the test's side ---- */

static void make_pair(struct fake *f)
{
	int fds[2];

	check_int(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	f->client = fds[0];
	f->sock = fds[1];
}

static void make_listener(struct fake *f)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};

	snprintf(f->path, sizeof(f->path), "/tmp/vhost-user-fake.%d", getpid());
	strcpy(addr.sun_path, f->path);
	unlink(f->path);
	f->stop = eventfd(0, EFD_CLOEXEC);
	f->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	check(f->stop >= 0 && f->listener >= 0);
	check_int(bind(f->listener, (struct sockaddr *)&addr, sizeof(addr)), 0);
	check_int(listen(f->listener, 8), 0);
}

void fake_stop(struct fake *f)
{
	eventfd_write(f->stop, 1);
}

void fake_tell_change(struct fake *f)
{
	const struct vhost_user_msg msg = {
		.channel = VHOST_USER_BACKEND,
		.request = VHOST_USER_BACKEND_CONFIG_CHANGE_MSG,
	};
	uint8_t buf[VHOST_USER_MSG_MAX];
	size_t len = vhost_user_encode_request(buf, &msg);

	check_int(send(f->back, buf, len, MSG_NOSIGNAL), len);
}

void fake_create(struct fake *f)
{
	if (f->listens)
		make_listener(f);
	else
		make_pair(f);
	for (int i = 0; i < FAKE_QUEUES; i++)
		f->queues[i].kick = f->queues[i].call = f->queues[i].err = -1;
	f->disk = calloc(FAKE_SECTORS, VIRTIO_BLK_SECTOR_BYTES);
	f->buf = calloc(1, BUF_BYTES);
	check(f->disk && f->buf);
	pthread_mutex_init(&f->lock, NULL);
	check_int(pthread_create(&f->thread, NULL, run, f), 0);
	check_ok(blkio_create("virtio-blk-vhost-user", &f->b));
	if (f->listens)
		check_ok(blkio_set_str(f->b, "path", f->path));
	else
		check_ok(blkio_set_int(f->b, "socket-fd", f->client));
}

void fake_start(struct fake *f)
{
	fake_create(f);
	check_ok(blkio_connect(f->b));
	f->client = -1;
	test_set(f->b, f->props);
	check_ok(blkio_start(f->b));
	f->q = blkio_get_queue(f->b, 0);
	if (!f->q)
		f->q = blkio_get_poll_queue(f->b, 0);
	check(f->q);
}

struct blkio_mem_region fake_region(struct fake *f, size_t len)
{
	struct blkio_mem_region r;

	check_ok(blkio_alloc_mem_region(f->b, &r, len));
	check_ok(blkio_map_mem_region(f->b, &r));
	return r;
}

void fake_end(struct fake *f)
{
	blkio_destroy(&f->b);
	if (f->client >= 0)
		check_int(close(f->client), 0);
	if (f->listens)
		fake_stop(f);
	check_int(pthread_join(f->thread, NULL), 0);
	if (f->listens) {
		close(f->stop);
		unlink(f->path);
	}
	forget_client(f);
	pthread_mutex_destroy(&f->lock);
	free(f->disk);
	free(f->buf);
}
