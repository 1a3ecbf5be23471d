// Preloaded into a program, it notes which of the program's methods are entered, and in which order: each method's first byte is a
// breakpoint until it is first reached. The program runs at its own speed, on every thread, with the processor's real features.
// ENTERED names a folder. For a program NAME it reads NAME.methods there (addresses in hexadecimal, ascending, relative to where the
// program is loaded), and writes NAME.PID.entered (the same addresses, as they were entered). Other programs are left alone.
// x86-64 only: it knows how long a breakpoint is. Used by scripts/order.sh.
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

enum { MOST = 1 << 20 };

static uint8_t *start;
static uint32_t methods[MOST], entered[MOST];
static uint8_t first[MOST], seen[MOST];
static unsigned count, reached;
static char result[4096];

static int compare(const void *key, const void *item)
{
    uint32_t a = *(const uint32_t *)key, b = *(const uint32_t *)item;
    return a < b ? -1 : a > b;
}

// Two threads may meet the same breakpoint: the second finds it taken away, and only goes back to the byte it must run.
static void on_breakpoint(int signal, siginfo_t *info, void *context)
{
    (void)signal, (void)info;
    greg_t *next = &((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
    uint32_t address = (uint32_t)((uint8_t *)*next - 1 - start);
    uint32_t *method = bsearch(&address, methods, count, sizeof *methods, compare);
    if (!method)
        abort();

    unsigned index = (unsigned)(method - methods);
    if (!__atomic_exchange_n(&seen[index], 1, __ATOMIC_SEQ_CST))
        entered[__atomic_fetch_add(&reached, 1, __ATOMIC_SEQ_CST)] = address;

    __atomic_store_n(start + address, first[index], __ATOMIC_SEQ_CST);
    *next -= 1;
}

__attribute__((constructor)) static void begin(void)
{
    const char *folder = getenv("ENTERED");
    char path[4096];
    if (!folder)
        return;

    snprintf(path, sizeof path, "%s/%s.methods", folder, program_invocation_short_name);
    FILE *list = fopen(path, "r"), *maps = fopen("/proc/self/maps", "r");
    if (!list || !maps)
        return;

    // The first mapping of a process is its program.
    while (count < MOST && fscanf(list, "%x", &methods[count]) == 1)
        count++;
    if (fscanf(maps, "%p", (void **)&start) != 1 || count == 0)
        abort();

    fclose(list);
    fclose(maps);
    snprintf(result, sizeof result, "%s/%s.%d.entered", folder, program_invocation_short_name, getpid());
    uintptr_t page = (uintptr_t)(start + methods[0]) & ~(uintptr_t)4095;
    struct sigaction action = { .sa_sigaction = on_breakpoint, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER };
    if (mprotect((void *)page, (uintptr_t)(start + methods[count - 1] + 1) - page, PROT_READ | PROT_WRITE | PROT_EXEC) || sigaction(SIGTRAP, &action, NULL))
        abort();

    for (unsigned index = 0; index < count; index++) {
        first[index] = start[methods[index]];
        start[methods[index]] = 0xCC;
    }
}

__attribute__((destructor)) static void end(void)
{
    FILE *file = *result ? fopen(result, "w") : NULL;
    if (!file)
        return;

    for (unsigned index = 0; index < reached; index++)
        fprintf(file, "%016x\n", entered[index]);
    fclose(file);
}
