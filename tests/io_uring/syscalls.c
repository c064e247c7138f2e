/* SPDX-License-Identifier: MIT */
/*
 * Behind syscalls.h: the filter, and the parent that answers for it. What
 * they share is a page that both have mapped.
 */
#include "tests/io_uring/syscalls.h"

#include <errno.h>
#include <link.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/check.h"
#include "util/compiler.h"

#define CHOICES_MAX 6
#define CODE_MAX 8

/* No step takes that long, under any sanitizer on any machine. */
#define STUCK_MS 60000

struct failing {
	int nr;
	const char *name;
	int errors[CHOICES_MAX]; /* up to 0 */
};

static const struct failing failing[] = {
	{SYS_io_uring_setup,
	 "io_uring_setup",
	 {ENOMEM, EMFILE, EPERM, ENOSYS, EINVAL}},
	{SYS_io_uring_enter, "io_uring_enter", {EAGAIN, EBUSY, EINTR, ENOMEM}},
	{SYS_io_uring_register, "io_uring_register", {ENOMEM, EINVAL, EPERM}},
	{SYS_openat, "openat", {EMFILE, ENOENT, EACCES, EINTR}},
	{SYS_newfstatat, "newfstatat", {EIO, ENOMEM}},
	{SYS_fstat, "fstat", {EIO, ENOMEM}},
	{SYS_fstatfs, "fstatfs", {EIO, ENOSYS}},
	{SYS_ioctl, "ioctl", {EIO, ENOTTY, EPERM}},
	{SYS_lseek, "lseek", {EIO, EINVAL}},
	{SYS_read, "read", {EIO, EINTR}},
	{SYS_eventfd2, "eventfd2", {EMFILE, ENOMEM}},
	{SYS_pipe2, "pipe2", {EMFILE, ENFILE}},
	{SYS_memfd_create, "memfd_create", {EMFILE, ENOMEM, ENOSYS}},
	{SYS_ftruncate, "ftruncate", {EIO, ENOSPC}},
	{SYS_mmap, "mmap", {ENOMEM, EAGAIN}},
	{SYS_mprotect, "mprotect", {ENOMEM}},
	{SYS_munmap, "munmap", {ENOMEM}},
	{SYS_clone3, "clone3", {EAGAIN, ENOSYS}},
	{SYS_clone, "clone", {EAGAIN}},
	{SYS_close, "close", {EIO, EINTR}},
	{SYS_ppoll, "ppoll", {EINTR, ENOMEM}},
	{SYS_clock_nanosleep, "clock_nanosleep", {EINTR}},
};

static const struct failing any_other = {-1, "another", {ENOMEM, EPERM}};

/*
 * Not even reported: what can't fail with valid arguments. brk(2) has no way
 * to tell of an error but its new value, and libc takes mmap(2) instead. A
 * thread whose first calls fail is the end of the process in libc.
 */
static const int exempt[] = {
	SYS_brk,
	SYS_clock_gettime,
	SYS_exit,
	SYS_exit_group,
	SYS_fcntl,
	SYS_futex,
	SYS_getpid,
	SYS_gettid,
	SYS_restart_syscall,
	SYS_rt_sigaction,
	SYS_rt_sigprocmask,
	SYS_rt_sigreturn,
	SYS_rseq,
	SYS_sched_getaffinity,
	SYS_sched_yield,
	SYS_set_robust_list,
	SYS_sigaltstack,
	SYS_tgkill,
};

struct range {
	uintptr_t start, end;
};

static struct page {
	/* from the child */
	struct range code[CODE_MAX]; /* where calls of interest come from */
	int nr_code;
	bool running; /* atomic: between begin and end */
	bool on;      /* atomic: the main thread is in the library */
	int64_t after;
	unsigned choice;
	/* from the parent */
	int64_t calls; /* of interest, in this run */
	bool hit;      /* atomic */
	bool more_choices;
	int failed_nr, failed_error;
	int unclosed_fd;       /* whose close(2) was failed; -1: none */
	struct range unmapped; /* whose munmap(2) was failed; end 0: none */
} * page;

/* ---- child: the filter ---- */

static int add_code(struct dl_phdr_info *info, size_t size, void *unused)
{
	static const char *const wanted[] = {"/libblkio.so", "/liburing.so",
					     "/libc.so"};
	bool found = false;

	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		found |= strstr(info->dlpi_name, wanted[i]) != NULL;
	for (int i = 0; found && i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *ph = &info->dlpi_phdr[i];
		uintptr_t start = info->dlpi_addr + ph->p_vaddr;

		if (ph->p_type != PT_LOAD || !(ph->p_flags & PF_X))
			continue;
		check(page->nr_code < CODE_MAX);
		page->code[page->nr_code++] =
			(struct range){start, start + ph->p_memsz};
	}
	return 0;
}

/* Report all but what is exempt, and sendmsg(2) on the socket. */
static int install_filter(int sock)
{
	struct sock_filter code[ARRAY_SIZE(exempt) + 6];
	struct sock_fprog prog = {.filter = code};
	const size_t allow = ARRAY_SIZE(code) - 1;
	size_t n = 0;

	code[n++] = (struct sock_filter)BPF_STMT(
		BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < ARRAY_SIZE(exempt); i++, n++)
		code[n] = (struct sock_filter)BPF_JUMP(
			BPF_JMP | BPF_JEQ | BPF_K, (unsigned)exempt[i],
			(uint8_t)(allow - n - 1), 0);
	code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
						 SYS_sendmsg, 0, 2);
	code[n++] = (struct sock_filter)BPF_STMT(
		BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args));
	code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
						 (unsigned)sock, 1, 0);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
						 SECCOMP_RET_USER_NOTIF);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
						 SECCOMP_RET_ALLOW);
	prog.len = (unsigned short)n;
	check_int(n, allow + 1);
	check_int(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
			    SECCOMP_FILTER_FLAG_NEW_LISTENER, &prog);
}

union fd_message {
	struct cmsghdr header;
	char room[CMSG_SPACE(sizeof(int))];
};

static void send_fd(int sock, int fd)
{
	union fd_message control = {.header = {
					    .cmsg_level = SOL_SOCKET,
					    .cmsg_type = SCM_RIGHTS,
					    .cmsg_len = CMSG_LEN(sizeof(int)),
				    }};
	char byte = 0;
	struct iovec iov = {&byte, 1};
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};

	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	check_int(sendmsg(sock, &msg, 0), 1);
}

static void run_child(int sock, void (*child)(void))
{
	int listener;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dl_iterate_phdr(add_code, NULL);
	check(page->nr_code >= 3);
	listener = install_filter(sock);
	if (listener < 0) /* in a sandbox that does the same, say */
		check_skip("no seccomp filters with a listener here");
	send_fd(sock, listener);
	close(sock);
	close(listener);
	child();
	exit(0);
}

/* ---- parent: the answers ---- */

static int receive_fd(int sock)
{
	union fd_message control;
	char byte;
	struct iovec iov = {&byte, 1};
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	int fd;

	if (recvmsg(sock, &msg, 0) != 1)
		return -1; /* the child has ended */
	memcpy(&fd, CMSG_DATA(&control.header), sizeof(fd));
	return fd;
}

static const struct failing *lookup(int nr)
{
	for (size_t i = 0; i < ARRAY_SIZE(failing); i++)
		if (failing[i].nr == nr)
			return &failing[i];
	return &any_other;
}

static bool is_of_interest(const struct seccomp_notif *n, pid_t child)
{
	uintptr_t from = n->data.instruction_pointer;

	if (!__atomic_load_n(&page->running, __ATOMIC_ACQUIRE))
		return false;
	if ((pid_t)n->pid == child &&
	    !__atomic_load_n(&page->on, __ATOMIC_ACQUIRE))
		return false;
	for (int i = 0; i < page->nr_code; i++)
		if (from >= page->code[i].start && from < page->code[i].end)
			return true;
	return false;
}

/* Nor do reading and writing one's own eventfd or pipe fail. */
static bool is_wakeup(const struct seccomp_notif *n)
{
	char path[64], target[32];
	ssize_t len;

	if (n->data.nr != SYS_read && n->data.nr != SYS_write)
		return false;
	snprintf(path, sizeof(path), "/proc/%u/fd/%d", n->pid,
		 (int)n->data.args[0]);
	len = readlink(path, target, sizeof(target));
	return len > 0 && (memmem(target, (size_t)len, "eventfd", 7) ||
			   memmem(target, (size_t)len, "pipe:", 5));
}

/* The error to answer with; 0: none. */
static int judge(const struct seccomp_notif *n, pid_t child)
{
	const struct failing *f = lookup(n->data.nr);
	unsigned last = 0;

	if (!is_of_interest(n, child) || is_wakeup(n))
		return 0;
	if (page->calls++ != page->after)
		return 0;
	while (last + 1 < CHOICES_MAX && f->errors[last + 1])
		last++;
	page->more_choices = page->choice < last;
	page->failed_nr = n->data.nr;
	page->failed_error = f->errors[MIN(page->choice, last)];
	if (n->data.nr == SYS_close)
		page->unclosed_fd = (int)n->data.args[0];
	if (n->data.nr == SYS_munmap)
		page->unmapped = (struct range){
			n->data.args[0], n->data.args[0] + n->data.args[1]};
	__atomic_store_n(&page->hit, true, __ATOMIC_RELEASE);
	return page->failed_error;
}

static void answer(int listener, pid_t child)
{
	/* newer kernels may have more to say */
	union {
		struct seccomp_notif n;
		char room[512];
	} req = {.room = {0}};
	union {
		struct seccomp_notif_resp r;
		char room[512];
	} resp = {.room = {0}};

	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &req) < 0)
		return; /* a signal took the caller away */
	resp.r.id = req.n.id;
	resp.r.error = -judge(&req.n, child);
	if (resp.r.error == 0)
		resp.r.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &resp) < 0)
		check_int(errno, ENOENT);
}

/* Until the child has ended, or had to be. */
static void answer_all(int listener, int pidfd, pid_t child)
{
	struct pollfd fds[] = {
		{.fd = listener, .events = POLLIN},
		{.fd = pidfd, .events = POLLIN},
	};

	for (;;) {
		int n = poll(fds, ARRAY_SIZE(fds), STUCK_MS);

		check(n >= 0);
		if (n == 0) {
			fprintf(stderr, "stuck\n");
			kill(child, SIGKILL);
			return;
		}
		if (fds[1].revents)
			return;
		if (fds[0].revents & POLLIN)
			answer(listener, child);
	}
}

static int verdict(pid_t child)
{
	int status;

	check_int(waitpid(child, &status, 0), child);
	if (WIFEXITED(status) &&
	    (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 77))
		return WEXITSTATUS(status);
	fprintf(stderr, "child: status %#x; in a run that fails call %lld",
		(unsigned)status, (long long)page->after);
	if (page->hit)
		fprintf(stderr, ", %s (%d), with %s",
			lookup(page->failed_nr)->name, page->failed_nr,
			strerrorname_np(page->failed_error));
	fprintf(stderr, "\n");
	return 1;
}

int syscalls_run(void (*child)(void))
{
	int socks[2], listener, pidfd;
	pid_t pid;

	page = mmap(NULL, sizeof(*page), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	check(page != MAP_FAILED);
	check_int(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, socks),
		  0);
	pid = fork();
	check(pid >= 0);
	if (pid == 0) {
		close(socks[0]);
		run_child(socks[1], child);
	}
	close(socks[1]);
	pidfd = pidfd_open(pid, 0);
	check(pidfd >= 0);
	listener = receive_fd(socks[0]);
	close(socks[0]);
	if (listener >= 0) {
		answer_all(listener, pidfd, pid);
		close(listener);
	}
	close(pidfd);
	return verdict(pid);
}

/* ---- child: runs ---- */

void syscalls_begin(int64_t after, unsigned choice)
{
	page->after = after;
	page->choice = choice;
	page->calls = 0;
	page->hit = false;
	page->unclosed_fd = -1;
	page->unmapped.end = 0;
	__atomic_store_n(&page->running, true, __ATOMIC_RELEASE);
}

bool syscalls_end(void)
{
	__atomic_store_n(&page->running, false, __ATOMIC_RELEASE);
	return syscalls_hit() && page->more_choices;
}

void syscalls_on(void)
{
	__atomic_store_n(&page->on, true, __ATOMIC_RELEASE);
}

void syscalls_off(void)
{
	__atomic_store_n(&page->on, false, __ATOMIC_RELEASE);
	/* the kernel closes the fd even when it says that it failed */
	if (page->unclosed_fd >= 0)
		close(page->unclosed_fd);
	page->unclosed_fd = -1;
	/* nothing that the library could do about that */
	if (page->unmapped.end)
		munmap((void *)page->unmapped.start,
		       page->unmapped.end - page->unmapped.start);
	page->unmapped.end = 0;
}

bool syscalls_hit(void)
{
	return __atomic_load_n(&page->hit, __ATOMIC_ACQUIRE);
}
