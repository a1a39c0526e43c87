/*
 * Prints /message.txt: all that this example's image does, so that it builds and runs without a base image and without
 * internet. It calls the kernel directly (no C library), which keeps each program below 1 KB:
 *
 *   gcc                   $flags -o hello-amd64 hello.c
 *   aarch64-linux-gnu-gcc $flags -o hello-arm64 hello.c
 *
 *   flags="-Os -ffreestanding -fno-asynchronous-unwind-tables -fno-stack-protector -nostdlib -static
 *          -Wl,-n,-s,--build-id=none,-z,noexecstack"
 */

#if defined(__x86_64__)
#define OPENAT 257
#define READ 0
#define WRITE 1
#define EXIT 60
static long call(long number, long a, long b, long c) {
  long result;
  __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
  return result;
}
#elif defined(__aarch64__)
#define OPENAT 56
#define READ 63
#define WRITE 64
#define EXIT 93
static long call(long number, long a, long b, long c) {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
  return x0;
}
#endif

void _start(void) {
  char buffer[512];
  long file = call(OPENAT, 0, (long)"/message.txt", 0); // an absolute name: the folder argument is ignored; 0 is O_RDONLY
  long size = file < 0 ? -1 : 0;
  while (file >= 0 && (size = call(READ, file, (long)buffer, sizeof buffer)) > 0)
    for (long done = 0; done < size;) {
      long written = call(WRITE, 1, (long)buffer + done, size - done);
      if (written <= 0) call(EXIT, 1, 0, 0);
      done += written;
    }
  call(EXIT, size < 0, 0, 0);
  __builtin_unreachable();
}
