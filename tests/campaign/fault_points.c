/* Counts a process's writes to files below one folder, and lets the n-th of them fail.

   Preloaded (LD_PRELOAD) into the interpreter that runs a command. A write is whatever changes the disk: opening to
   write or to make, writing, cutting, giving names, taking them away, making folders, modes, and fsync. The fault comes
   before the n-th of them: the process ends at once, or after half of a write's bytes, or the call fails with an errno.
   A disk that is full (ENOSPC) stays full: whatever needs room fails from then on. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

enum { KILL = -1, TORN = -2 };

static long points, at;
static int fault, full;
static char under[PATH_MAX];

void fault_arm(long point, int kind, const char *folder)
{
    points = 0;
    at = point;
    fault = kind;
    full = 0;
    snprintf(under, sizeof under, "%s", folder);
}

long fault_points(void) { return points; }

static int below(const char *path)
{
    size_t length = strlen(under);
    return length && !strncmp(path, under, length);
}

static int below_fd(int fd)
{
    char link[64], path[PATH_MAX];
    if (!under[0])
        return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, path, sizeof path - 1);
    if (size < 0)
        return 0;
    path[size] = 0;
    return below(path);
}

static int below_at(int folder, const char *path)
{
    if (path[0] == '/')
        return below(path);
    return folder != AT_FDCWD && below_fd(folder);
}

/* 0: go on; else the call fails with errno set. `room` says that the call needs room on the disk. */
static int strikes(int room)
{
    if (full && room) {
        errno = ENOSPC;
        return -1;
    }
    if (++points != at)
        return 0;
    if (fault == KILL || fault == TORN)
        kill(getpid(), SIGKILL);
    if (fault == ENOSPC) {
        if (!room)
            return 0;
        full = 1;
    }
    errno = fault;
    return -1;
}

#define REAL(name) __typeof__(name) *real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)
#define MAKES(flags) ((flags) & (O_CREAT | O_TRUNC) || ((flags) & O_TMPFILE) == O_TMPFILE)

#define OPEN(name)                                                                                                    \
    int name(const char *path, int flags, ...)                                                                        \
    {                                                                                                                 \
        REAL(name);                                                                                                   \
        mode_t mode = 0;                                                                                              \
        if (MAKES(flags)) {                                                                                           \
            va_list rest;                                                                                             \
            va_start(rest, flags);                                                                                    \
            mode = va_arg(rest, mode_t);                                                                              \
            va_end(rest);                                                                                             \
            if (below(path) && strikes(1))                                                                            \
                return -1;                                                                                            \
        }                                                                                                             \
        return real(path, flags, mode);                                                                               \
    }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                                                                                  \
    int name(int folder, const char *path, int flags, ...)                                                            \
    {                                                                                                                 \
        REAL(name);                                                                                                   \
        mode_t mode = 0;                                                                                              \
        if (MAKES(flags)) {                                                                                           \
            va_list rest;                                                                                             \
            va_start(rest, flags);                                                                                    \
            mode = va_arg(rest, mode_t);                                                                              \
            va_end(rest);                                                                                             \
            if (below_at(folder, path) && strikes(1))                                                                 \
                return -1;                                                                                            \
        }                                                                                                             \
        return real(folder, path, flags, mode);                                                                       \
    }
OPENAT(openat)
OPENAT(openat64)

ssize_t write(int fd, const void *data, size_t size)
{
    REAL(write);
    if (below_fd(fd)) {
        if (fault == TORN && points + 1 == at)
            real(fd, data, size / 2);
        if (strikes(1))
            return -1;
    }
    return real(fd, data, size);
}

#define PWRITE(name, offset_type)                                                                                     \
    ssize_t name(int fd, const void *data, size_t size, offset_type offset)                                           \
    {                                                                                                                 \
        REAL(name);                                                                                                   \
        if (below_fd(fd)) {                                                                                           \
            if (fault == TORN && points + 1 == at)                                                                    \
                real(fd, data, size / 2, offset);                                                                     \
            if (strikes(1))                                                                                           \
                return -1;                                                                                            \
        }                                                                                                             \
        return real(fd, data, size, offset);                                                                          \
    }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

#define ON_FD(name, parameters, arguments)                                                                            \
    int name parameters                                                                                               \
    {                                                                                                                 \
        REAL(name);                                                                                                   \
        if (below_fd(fd) && strikes(0))                                                                               \
            return -1;                                                                                                \
        return real arguments;                                                                                        \
    }
ON_FD(fsync, (int fd), (fd))
ON_FD(fdatasync, (int fd), (fd))
ON_FD(fchmod, (int fd, mode_t mode), (fd, mode))
ON_FD(ftruncate, (int fd, off_t size), (fd, size))
ON_FD(ftruncate64, (int fd, off64_t size), (fd, size))

#define ON_PATH(name, parameters, arguments, room)                                                                    \
    int name parameters                                                                                               \
    {                                                                                                                 \
        REAL(name);                                                                                                   \
        if (below(path) && strikes(room))                                                                             \
            return -1;                                                                                                \
        return real arguments;                                                                                        \
    }
ON_PATH(unlink, (const char *path), (path), 0)
ON_PATH(rmdir, (const char *path), (path), 0)
ON_PATH(mkdir, (const char *path, mode_t mode), (path, mode), 1)
ON_PATH(chmod, (const char *path, mode_t mode), (path, mode), 0)

int rename(const char *from, const char *to)
{
    REAL(rename);
    if (below(to) && strikes(0))
        return -1;
    return real(from, to);
}

int link(const char *from, const char *to)
{
    REAL(link);
    if (below(to) && strikes(1))
        return -1;
    return real(from, to);
}

int linkat(int from_folder, const char *from, int folder, const char *to, int flags)
{
    REAL(linkat);
    if (below_at(folder, to) && strikes(1))
        return -1;
    return real(from_folder, from, folder, to, flags);
}

int unlinkat(int folder, const char *path, int flags)
{
    REAL(unlinkat);
    if (below_at(folder, path) && strikes(0))
        return -1;
    return real(folder, path, flags);
}

int mkdirat(int folder, const char *path, mode_t mode)
{
    REAL(mkdirat);
    if (below_at(folder, path) && strikes(1))
        return -1;
    return real(folder, path, mode);
}
