/* SPDX-License-Identifier: MIT */
/*
 * Run a fuzz target over files: a corpus as a test in builds without
 * libFuzzer, or an input that broke something. Arguments: files, and
 * directories of files.
 */
#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz/fuzz.h"

static unsigned replayed;

static void run_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	struct stat st;
	uint8_t *data;

	if (!f || fstat(fileno(f), &st) < 0) {
		perror(path);
		exit(2);
	}
	data = malloc(st.st_size + 1);
	FUZZ_CHECK(data);
	FUZZ_CHECK(fread(data, 1, st.st_size, f) == (size_t)st.st_size);
	fclose(f);
	LLVMFuzzerTestOneInput(data, st.st_size);
	free(data);
	replayed++;
}

static void run_directory(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	char file[4096];

	FUZZ_CHECK(dir);
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
		run_file(file);
	}
	closedir(dir);
}

int main(int argc, char **argv)
{
	struct stat st;

	for (int i = 1; i < argc; i++) {
		if (stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode))
			run_directory(argv[i]);
		else
			run_file(argv[i]);
	}
	printf("%u inputs\n", replayed);
	return replayed > 0 ? 0 : 1;
}
