/* Empty on purpose: it takes the place of the theme's 1.5 MB icon script. Icons are web fonts. */
