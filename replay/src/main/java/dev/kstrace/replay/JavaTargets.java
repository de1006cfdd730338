package dev.kstrace.replay;

import dev.kstrace.capture.AllocatorDispatch;
import java.io.Closeable;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Modifier;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes targets of Java classes from the user's class path. */
final class JavaTargets {
  private JavaTargets() {}

  /**
   * A target that drives a new instance of a class.
   *
   * @param spec what the user wrote, for messages and as the target's name
   * @param className binary name of a class that implements {@link AllocatorDispatch}
   * @param classPath directories and jars to look in, besides the tool's own
   * @throws IllegalArgumentException if the class cannot be used; the message says why
   */
  static ReplayTarget load(String spec, String className, List<Path> classPath) {
    URLClassLoader loader =
        new URLClassLoader(urls(spec, classPath), AllocatorDispatch.class.getClassLoader());
    try {
      AllocatorDispatch dispatch = instance(spec, className, classPath, loader);
      return new DispatchTarget(spec, dispatch, () -> close(dispatch, loader));
    } catch (RuntimeException e) {
      try {
        loader.close();
      } catch (IOException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    }
  }

  private static void close(AllocatorDispatch dispatch, URLClassLoader loader) throws IOException {
    try (loader) {
      if (dispatch instanceof Closeable closeable) {
        closeable.close();
      }
    }
  }

  private static URL[] urls(String spec, List<Path> classPath) {
    URL[] urls = new URL[classPath.size()];
    for (int i = 0; i < urls.length; i++) {
      Path entry = classPath.get(i);
      if (!Files.exists(entry)) {
        throw refused(spec, "class path entry " + entry + " does not exist", null);
      }
      try {
        urls[i] = entry.toUri().toURL();
      } catch (MalformedURLException e) {
        throw refused(spec, "class path entry " + entry + " cannot be read as a URL", e);
      }
    }
    return urls;
  }

  private static AllocatorDispatch instance(
      String spec, String className, List<Path> classPath, URLClassLoader loader) {
    try {
      Class<?> type = Class.forName(className, false, loader);
      if (!AllocatorDispatch.class.isAssignableFrom(type)) {
        throw refused(spec, "it does not implement " + AllocatorDispatch.class.getName(), null);
      }
      boolean usable =
          Modifier.isPublic(type.getModifiers()) && !Modifier.isAbstract(type.getModifiers());
      if (!usable) {
        throw refused(spec, "it is not a public class that can be instantiated", null);
      }
      Constructor<?> constructor = type.getConstructor();
      return (AllocatorDispatch) constructor.newInstance();
    } catch (ClassNotFoundException e) {
      String where = classPath.isEmpty() ? "an empty class path" : "class path " + classPath;
      throw refused(spec, "class not found on " + where, e);
    } catch (NoSuchMethodException e) {
      throw refused(spec, "it has no public constructor without parameters", e);
    } catch (InvocationTargetException e) {
      throw refused(spec, "its constructor threw " + e.getCause(), e.getCause());
    } catch (ReflectiveOperationException | LinkageError e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw refused(spec, "it cannot be loaded: " + cause, e);
    }
  }

  private static IllegalArgumentException refused(
      String spec, String reason, @Nullable Throwable cause) {
    return new IllegalArgumentException("cannot use target " + spec + ": " + reason, cause);
  }
}
