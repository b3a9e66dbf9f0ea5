"""Others may have packages within this one. (Within a wheel a folder without a module is not seen.)"""

from pkgutil import extend_path

__path__ = extend_path(__path__, __name__)
