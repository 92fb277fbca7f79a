// An open file of the system's.
#pragma once

namespace vaec::base {

// Closes what it holds. Negative: nothing.
class FileDescriptor {
 public:
  explicit FileDescriptor(int descriptor) : descriptor_(descriptor) {}
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor() { static_cast<void>(close()); }

  [[nodiscard]] int get() const { return descriptor_; }
  // Gives errno, or 0; closing nothing is no error.
  int close();

 private:
  int descriptor_;
};

}  // namespace vaec::base
