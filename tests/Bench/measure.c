// Runs a program and writes what it cost into a file: wall microseconds, CPU microseconds, peak KiB, exit code.
// Usage: measure RESULT-FILE PROGRAM [ARGUMENT...]
// It is this small because Linux counts the peak memory of whoever forks towards the child.
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;

    struct timespec start, end;
    struct rusage usage;
    int status;
    clock_gettime(CLOCK_MONOTONIC, &start);
    pid_t child = fork();
    if (child == 0) {
        execv(argv[2], argv + 2);
        _exit(127);
    }

    if (child < 0 || wait4(child, &status, 0, &usage) != child)
        return 2;

    clock_gettime(CLOCK_MONOTONIC, &end);
    long wall = (end.tv_sec - start.tv_sec) * 1000000L + (end.tv_nsec - start.tv_nsec) / 1000;
    long cpu = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000L + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    FILE *result = fopen(argv[1], "w");
    if (!result || fprintf(result, "%ld %ld %ld %d\n", wall, cpu, usage.ru_maxrss, code) < 0 || fclose(result))
        return 2;

    return code;
}
