/*
 * A small V4L2 client: captures frames from a device through mapped buffers, twice, with another number
 * of buffers and another format of the same device each time.
 *
 *   client /dev/video0
 */
#include <fcntl.h>
#include <linux/videodev2.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define MOST_BUFFERS 32

static int failed(const char *what) {
  perror(what);
  return 1;
}

static int capture(const char *device, unsigned buffers, int frames) {
  enum v4l2_buf_type type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  struct v4l2_requestbuffers request;
  void *mapped[MOST_BUFFERS];
  size_t bytes[MOST_BUFFERS];
  unsigned i;
  int file = open(device, O_RDWR);
  if (file < 0) {
    return failed(device);
  }
  memset(&request, 0, sizeof request);
  request.count = buffers;
  request.type = type;
  request.memory = V4L2_MEMORY_MMAP;
  if (ioctl(file, VIDIOC_REQBUFS, &request) < 0 || request.count > MOST_BUFFERS) {
    return failed("VIDIOC_REQBUFS");
  }
  for (i = 0; i < request.count; i++) {
    struct v4l2_buffer buffer;
    memset(&buffer, 0, sizeof buffer);
    buffer.index = i;
    buffer.type = type;
    buffer.memory = V4L2_MEMORY_MMAP;
    if (ioctl(file, VIDIOC_QUERYBUF, &buffer) < 0) {
      return failed("VIDIOC_QUERYBUF");
    }
    bytes[i] = buffer.length;
    mapped[i] = mmap(NULL, buffer.length, PROT_READ | PROT_WRITE, MAP_SHARED, file, buffer.m.offset);
    if (mapped[i] == MAP_FAILED || ioctl(file, VIDIOC_QBUF, &buffer) < 0) {
      return failed("VIDIOC_QBUF");
    }
  }
  if (ioctl(file, VIDIOC_STREAMON, &type) < 0) {
    return failed("VIDIOC_STREAMON");
  }
  while (frames-- > 0) {
    struct v4l2_buffer buffer;
    memset(&buffer, 0, sizeof buffer);
    buffer.type = type;
    buffer.memory = V4L2_MEMORY_MMAP;
    if (ioctl(file, VIDIOC_DQBUF, &buffer) < 0 || ioctl(file, VIDIOC_QBUF, &buffer) < 0) {
      return failed("VIDIOC_DQBUF");
    }
  }
  if (ioctl(file, VIDIOC_STREAMOFF, &type) < 0) {
    return failed("VIDIOC_STREAMOFF");
  }
  for (i = 0; i < request.count; i++) {
    munmap(mapped[i], bytes[i]);
  }
  close(file);
  return 0;
}

int main(int count, char **arguments) {
  const char *device = count > 1 ? arguments[1] : "/dev/video0";
  return capture(device, 4, 60) || capture(device, 8, 30);
}
