import type { Wording } from './wording.js';

export const de: Wording = {
  hello: (name) => (name ? `Guten Tag ${name},` : 'Guten Tag,'),
  goods: ['Artikel', 'Menge', 'Betrag'],
  more: (count) => `und ${count} weitere`,
  sums: {
    subtotal: 'Zwischensumme',
    discount: 'Rabatt',
    shipping: 'Versand',
    tax: 'Steuer',
    total: 'Gesamtbetrag',
  },
  labels: {
    order: 'Bestellung',
    return: 'Rücksendung',
    shippingAddress: 'Wir liefern an',
    returnAddress: 'Senden Sie das Paket an',
    carrier: 'Versanddienst',
    trackingNumber: 'Sendungsnummer',
    refund: 'Erstattung',
    paidBy: 'Auszahlung',
    pickup: 'Abholung',
    track: 'Sendung verfolgen',
  },
  paidBy: {
    original: 'auf die Karte oder das Konto, mit dem Sie bezahlt haben',
    store_credit: 'als Guthaben',
    manual: 'gesondert, wie mit Ihnen vereinbart',
  },
  footer: {
    order: (shop, number) => `Sie erhalten diese Nachricht von ${shop} zu Ihrer Bestellung ${number}.`,
    staff: 'Für Mitarbeitende: gesendet, weil es hier von selbst nicht weitergeht.',
  },
  unsubscribe: 'Weniger solcher Nachrichten erhalten',

  confirmed: ({ number }) => ({
    subject: `Ihre Bestellung ${number} ist bestätigt`,
    preview: 'Vielen Dank. Wir bereiten sie vor.',
    heading: 'Vielen Dank für Ihre Bestellung',
    text: [
      `Ihre Bestellung ${number} ist bestätigt und wird vorbereitet. Wir schreiben Ihnen wieder, sobald sie unterwegs ist.`,
    ],
  }),
  shipped: ({ number, complete, carrier }) => ({
    subject: complete
      ? `Ihre Bestellung ${number} ist unterwegs`
      : `Ein Teil Ihrer Bestellung ${number} ist unterwegs`,
    preview: carrier ? `Ihr Paket wurde an ${carrier} übergeben.` : 'Ihr Paket wurde verschickt.',
    heading: 'Ihr Paket ist unterwegs',
    text: [
      carrier
        ? `Wir haben ein Paket mit diesen Artikeln an ${carrier} übergeben.`
        : 'Wir haben ein Paket mit diesen Artikeln verschickt.',
      ...(complete ? [] : ['Der Rest Ihrer Bestellung folgt in einem weiteren Paket.']),
    ],
  }),
  delivered: ({ number }) => ({
    subject: `Ihre Bestellung ${number} ist angekommen`,
    preview: 'Alles wurde zugestellt.',
    heading: 'Ihre Bestellung ist angekommen',
    text: [
      `Ihre Bestellung ${number} wurde vollständig zugestellt. Viel Freude damit.`,
      'Wenn etwas nicht stimmt, können Sie es zurücksenden.',
    ],
  }),
  cancelled: ({ number, why, paid }) => ({
    subject: `Ihre Bestellung ${number} ist storniert`,
    preview: paid ? 'Sie erhalten Ihr Geld zurück.' : 'Es wurde nichts abgebucht.',
    heading: 'Ihre Bestellung ist storniert',
    text: [
      {
        declined: `Die Zahlung für Ihre Bestellung ${number} wurde abgelehnt. Deshalb mussten wir sie stornieren.`,
        late: `Die Zahlung für Ihre Bestellung ${number} ist nicht rechtzeitig eingegangen. Deshalb mussten wir sie stornieren.`,
        asked: `Ihre Bestellung ${number} ist storniert.`,
      }[why],
      paid
        ? 'Was Sie bezahlt haben, geht auf demselben Weg an Sie zurück. Banken brauchen dafür einige Tage.'
        : 'Es wurde nichts abgebucht.',
    ],
  }),
  paymentFailed: ({ number, amount }) => ({
    subject: `Ihre Zahlung für die Bestellung ${number} wurde abgelehnt`,
    preview: `${amount} konnten nicht abgebucht werden.`,
    heading: 'Ihre Zahlung wurde abgelehnt',
    text: [
      `Ihre Bank oder Ihr Kartenanbieter hat die Zahlung von ${amount} für Ihre Bestellung ${number} abgelehnt. Es wurde nichts abgebucht.`,
      'Sie können mit einer anderen Karte erneut bestellen oder Ihre Bank nach dem Grund fragen.',
    ],
  }),
  returnInitiated: ({ number, order }) => ({
    subject: `Wir haben Ihre Rücksendung ${number} erhalten`,
    preview: 'Wir prüfen sie und melden uns bald.',
    heading: 'Ihre Anfrage ist bei uns',
    text: [
      `Sie möchten Artikel Ihrer Bestellung ${order} zurücksenden. Wir prüfen das und melden uns bald.`,
      'Bitte behalten Sie die Artikel bis dahin.',
    ],
  }),
  returnApproved: ({ number, pickup }) => ({
    subject: `Ihre Rücksendung ${number} ist genehmigt`,
    preview: 'So geht es weiter.',
    heading: 'Ihre Rücksendung ist genehmigt',
    text: ['So geht es weiter:'],
    steps: [
      'Verpacken Sie diese Artikel gut, am besten in der Originalverpackung.',
      `Schreiben Sie ${number} außen auf das Paket.`,
      pickup
        ? `Übergeben Sie das Paket am ${pickup}.`
        : 'Senden Sie das Paket an uns und bewahren Sie den Beleg auf.',
      'Wenn die Artikel hier sind, prüfen wir sie und erstatten Ihnen das Geld.',
    ],
  }),
  returnRejected: ({ number, reason }) => ({
    subject: `Ihre Rücksendung ${number} wurde nicht angenommen`,
    preview: 'Warum, und was Sie tun können.',
    heading: 'Wir können diese Artikel nicht zurücknehmen',
    text: [
      reason
        ? `Wir haben Ihre Rücksendung ${number} geprüft und können sie nicht annehmen: ${reason}`
        : `Wir haben Ihre Rücksendung ${number} geprüft und können sie nicht annehmen.`,
      'Wenn Sie das anders sehen, antworten Sie auf diese Nachricht. Ein Mensch sieht es sich noch einmal an.',
    ],
  }),
  returnReceived: ({ number }) => ({
    subject: `Ihre Rücksendung ${number} ist bei uns angekommen`,
    preview: 'Wir prüfen die Artikel.',
    heading: 'Ihr Paket ist da',
    text: [`Wir prüfen die Artikel Ihrer Rücksendung ${number} und schreiben Ihnen wegen der Erstattung.`],
  }),
  refunded: ({ number, amount, method }) => ({
    subject: `${amount} sind auf dem Weg zu Ihnen`,
    preview: `Die Erstattung Ihrer Rücksendung ${number}.`,
    heading: 'Ihre Erstattung ist unterwegs',
    text: [
      `Wir haben Ihnen ${amount} für Ihre Rücksendung ${number} erstattet.`,
      ...(method === 'original' ? ['Bis Sie es auf Ihrem Konto sehen, brauchen Banken einige Tage.'] : []),
    ],
  }),
  closed: ({ number }) => ({
    subject: `Ihre Rücksendung ${number} ist abgeschlossen`,
    preview: 'Es gibt nichts zu erstatten.',
    heading: 'Ihre Rücksendung ist abgeschlossen',
    text: [`Wir haben die Artikel Ihrer Rücksendung ${number} geprüft. Dafür gibt es nichts zu erstatten.`],
  }),
  refundFailed: ({ number, order, amount, code }) => ({
    subject: `Die Erstattung der Rücksendung ${number} ist fehlgeschlagen`,
    preview: `${amount} konnten nicht ausgezahlt werden.`,
    heading: 'Eine Erstattung braucht einen Menschen',
    text: [
      `${amount} für die Rücksendung ${number} der Bestellung ${order} konnten nicht ausgezahlt werden (${code}).`,
      'Versuchen Sie es noch einmal, zahlen Sie auf anderem Weg aus oder schließen Sie den Fall.',
    ],
  }),
};
