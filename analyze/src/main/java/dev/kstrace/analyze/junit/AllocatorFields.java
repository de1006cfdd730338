package dev.kstrace.analyze.junit;

import dev.kstrace.capture.AllocatorDispatch;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;

/** The fields of test instances that hold allocators: wrapped for a test, and put back after it. */
final class AllocatorFields {
  private final List<Runnable> undo = new ArrayList<>();

  /** Wraps what the fields hold now, unless it is wrapped already. */
  void wrap(Collection<Object> instances, TestRecording recording) {
    for (Object instance : instances) {
      for (Class<?> type = instance.getClass(); type != null; type = type.getSuperclass()) {
        for (Field field : type.getDeclaredFields()) {
          if (field.getType() == AllocatorDispatch.class
              && !Modifier.isStatic(field.getModifiers())) {
            wrap(field, instance, recording);
          }
        }
      }
    }
  }

  private void wrap(Field field, Object instance, TestRecording recording) {
    try {
      field.setAccessible(true);
      AllocatorDispatch allocator = (AllocatorDispatch) field.get(instance);
      if (allocator == null) {
        return;
      }
      AllocatorDispatch wrapper = recording.wrap(allocator);
      if (wrapper != allocator) {
        field.set(instance, wrapper);
        undo.add(() -> restore(field, instance, wrapper, allocator));
      }
    } catch (IllegalAccessException | RuntimeException e) {
      throw new ExtensionConfigurationException(
          "cannot record the allocator in field " + field + "; is its package open?", e);
    }
  }

  /** A field that the test has set anew since is left as it is. */
  private static void restore(
      Field field, Object instance, AllocatorDispatch wrapper, AllocatorDispatch allocator) {
    try {
      if (field.get(instance) == wrapper) {
        field.set(instance, allocator);
      }
    } catch (IllegalAccessException e) {
      throw new IllegalStateException("a field that was set before is accessible", e);
    }
  }

  /** Puts the allocators back. */
  void restore() {
    undo.forEach(Runnable::run);
    undo.clear();
  }
}
